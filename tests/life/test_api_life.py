#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lives by the API, over single servers."""

import unittest

import life


class Single(life.Life):

    def test_life(self):
        """a random life is answered rightly, and OVN follows what it does"""
        self.live()


if __name__ == '__main__':
    unittest.main()
