#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes ./configure and what it needs from configure.ac and Makefile.am.
# Needs autoconf, automake, libtool and pkg-config; a release tarball does not need this step.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install
