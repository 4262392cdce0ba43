# SPDX-License-Identifier: Apache-2.0
"""What the sandbox, the demonstration and the Python tests stand on.

Each module owns one part of the small world in which ovn-octavia is run:
processes, databases, OVN, hosts, traffic, and our own daemons.  Nothing here
knows about a particular test.  Only the standard library is used.
"""
