#!/bin/sh
# Prints a build.ninja for the targets of a directory: ninja.sh [DIRECTORY] >build.ninja && ninja
# With restat, an image with the same bytes has nothing made anew that is made of it.
set -eu
directory=${1-targets}
cat <<N
rootc = ${ROOTC-rootc}
rule image
  command = \$rootc build \$in -o \$out -j 1 -MD -MP
  description = \$out
  depfile = \$out.d
  restat = 1
N
"${ROOTC-rootc}" targets "$directory" | while read -r manifest; do
	name=${manifest##*/}
	echo "build ${name%.y*ml}.img: image $manifest"
done
