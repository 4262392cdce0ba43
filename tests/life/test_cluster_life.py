#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lives by two copies of the API, over clusters of three servers each."""

import unittest

import life
import stand
import troubles


class Clusters(life.Life):
    stand_class = stand.Clusters
    troubles = troubles.CLUSTERS
    # Nobody is refused for an election.
    unanswered = ()

    def test_life(self):
        """a random life goes on while leaders and drivers are lost"""
        self.live()


if __name__ == '__main__':
    unittest.main()
