# SPDX-License-Identifier: Apache-2.0
"""Connections with one request, one after the other, for some seconds: prints
how many.  "python3 connect.py ADDRESS PORT SECONDS", in a client's namespace.
"""

import socket
import sys
import time


def main():
    address, port, seconds = sys.argv[1:]
    end, n = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        with socket.create_connection((address, int(port)), 5) as connection:
            connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
            if not connection.recv(4096):
                sys.exit('no answer')
        n += 1
    print(n)


if __name__ == '__main__':
    main()
