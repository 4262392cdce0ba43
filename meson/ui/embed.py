# SPDX-License-Identifier: Apache-2.0
"""Writes the files of a page as a table in C (src/api/ui-files.h):

    embed.py OUTPUT INPUT...

The tag of a file is a hash of its bytes: a new version has a new one.
"""

import hashlib
import os
import sys

TYPES = {
    '.css': 'text/css; charset=utf-8',
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml; charset=utf-8',
}
BYTES_PER_LINE = 16


def array(name, content):
    """An array with a final NUL byte, which is not counted as the file's."""
    yield f'static const char {name}[] = {{\n'
    for start in range(0, len(content), BYTES_PER_LINE):
        # Bytes above 127 do not fit into a signed char.
        line = ', '.join(str(byte if byte < 128 else byte - 256) for byte
                         in content[start:start + BYTES_PER_LINE])
        yield f'    {line},\n'
    yield '    0\n};\n\n'


def table(paths):
    yield ('/* Made by meson/ui/embed.py. */\n\n#include <config.h>\n'
           '#include "api/ui-files.h"\n\n')
    rows = []
    for number, path in enumerate(paths):
        with open(path, 'rb') as file:
            content = file.read()
        if b'\0' in content:
            sys.exit(f'{path}: not a text')
        yield from array(f'file_{number}', content)
        name = os.path.basename(path)
        tag = hashlib.sha256(content).hexdigest()[:16]
        kind = TYPES[os.path.splitext(name)[1]]
        rows.append(f'    {{ "{name}", "{kind}", {{ "{tag}" }}, '
                    f'file_{number} }},\n')
    yield 'const struct ui_file ui_files[] = {\n'
    yield from rows
    yield f'}};\n\nconst size_t n_ui_files = {len(rows)};\n'


def main():
    output, *paths = sys.argv[1:]
    with open(output, 'w', encoding='utf-8') as file:
        file.writelines(table(paths))


if __name__ == '__main__':
    main()
