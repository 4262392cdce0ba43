#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lives by the plugin, with Octavia's models and its sockets."""

import unittest

import provider


class Plugin(provider.Life):

    def test_life(self):
        """each call of a random life by the plugin has one end in Octavia"""
        self.live()


if __name__ == '__main__':
    unittest.main()
