# SPDX-License-Identifier: Apache-2.0
"""The provider "ovn" of an existing Octavia.

What Octavia loads must be Python.  This package is no more than that: it hands
each call over to ovn-octavia-agent, and starts that for octavia-driver-agent.
"""
