# SPDX-License-Identifier: Apache-2.0
"""The API's description of itself, and whether it is right: the document by
OpenAPI's own schema (Debian's openapi-specification), answers by the
document."""

import json
import re
import warnings

import jsonschema
import yaml

META_SCHEMA = '/usr/share/openapi-specification/schemas/v3.0/schema.yaml'
METHODS = ('get', 'put', 'post', 'delete')


def meta_schema():
    """OpenAPI's schema, without the address that its references would be
    looked for at."""
    with open(META_SCHEMA, encoding='utf-8') as file:
        schema = yaml.safe_load(file)
    for name in ('id', '$id'):
        schema.pop(name, None)
    return schema


def complaints_of(schema, value, document=None):
    """What is wrong with 'value', as texts."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        validator_class = jsonschema.validators.validator_for(
            schema, jsonschema.Draft4Validator)
        resolver = jsonschema.RefResolver('', document or schema)
        validator = validator_class(schema, resolver=resolver)
        return [f'{"/".join(map(str, error.absolute_path))}: '
                f'{error.message[:300]}'
                for error in validator.iter_errors(value)]


def _plain(schema):
    """The schema as plain JSON Schema, which says "null" in another way."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    if plain.get('nullable') is True and isinstance(plain.get('type'), str):
        plain['type'] = [plain['type'], 'null']
    return plain


class Description:
    """An OpenAPI document."""

    def __init__(self, document):
        self.document = document
        self.plain = _plain(document)
        self.patterns = []      # Path, its pattern; plain words first.
        for path in document['paths']:
            pattern = re.sub(r'\{[^}]*\}', '[^/]+', path)
            self.patterns.append((path, re.compile(pattern)))
        self.patterns.sort(key=lambda item: item[0].count('{'))

    @classmethod
    def fetch(cls, rest):
        reply = rest.request('GET', '/openapi.json')
        assert reply.status == 200, reply
        return cls(reply.body)

    def operations(self):
        """(path, method, operation)"""
        for path, item in self.document['paths'].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def find(self, method, path):
        """The path of the document that is meant, and the operation as plain
        JSON Schema; None if there is none."""
        path = path.split('?')[0]
        for known, pattern in self.patterns:
            if pattern.fullmatch(path) \
                    and method.lower() in self.plain['paths'][known]:
                return known, self.plain['paths'][known][method.lower()]
        return None

    def complaints(self, method, path, reply):
        """What is wrong with the answer to a request."""
        found = self.find(method, path)
        if found is None:
            return [f'{method} {path} is not described'] \
                if reply.status not in (404, 405) else []
        responses = found[1]['responses']
        response = responses.get(str(reply.status))
        if response is None:
            if reply.status < 400:
                return [f'{method} {found[0]}: {reply.status} is not '
                        'described']
            response = responses['default']
        content_type = reply.headers.get('Content-Type', '').split(';')[0]
        if content_type != 'application/json':
            return ([f'{method} {found[0]}: no body']
                    if reply.status < 400 and 'content' in response else [])
        if 'content' not in response:
            return [f'{method} {found[0]}: a body that is not described']
        schema = response['content']['application/json']['schema']
        value = json.loads(reply.content)
        return [f'{method} {found[0]} {reply.status}: {text}'
                for text in (complaints_of(schema, value, self.plain)
                             + list(self._unknown(schema, value, '')))]

    def _resolve(self, schema):
        """All properties that a schema has, and that of its items."""
        if '$ref' in schema:
            node = self.plain
            for word in schema['$ref'].split('/')[1:]:
                node = node[word]
            return self._resolve(node)
        merged = dict(schema)
        for part in schema.get('allOf', ()):
            part = self._resolve(part)
            merged = {**part, **merged, 'properties': {
                **merged.get('properties', {}), **part.get('properties', {})}}
        return merged

    def _unknown(self, schema, value, place):
        """Members that the document does not name."""
        schema = self._resolve(schema)
        if isinstance(value, list):
            for item in value:
                yield from self._unknown(schema.get('items', {}), item,
                                         place + '[]')
        elif isinstance(value, dict) and 'properties' in schema:
            for key, item in value.items():
                if key in schema['properties']:
                    yield from self._unknown(schema['properties'][key], item,
                                             f'{place}/{key}')
                else:
                    yield f'{place}/{key} is not described'
