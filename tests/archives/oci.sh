#!/bin/sh
# OCI image layouts as inputs: what their layers leave, which image is meant, and each trap refused where the manifest names the layout.
# usage: oci.sh ROOTC
set -u
rootc=$(realpath "$1") here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# layout NAME [TRAP]: makes the layout NAME
layout() { [ -e "$1" ] || python3 "$here/layout.py" "$1" "${2-$1}"; }

# manifest LAYOUT [MORE]: of all that the image has
manifest() {
	cat >m.yaml <<-Y
		rootc: 1
		name: m
		inputs: {base: {oci: $1${2:+, $2}}}
		disk: {size: 8MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
		files: {/**: {}}
	Y
}

# tree LAYOUT [MORE]: what the image leaves, into out
tree() {
	manifest "$@"
	"$rootc" plan --tree m.yaml >out 2>err && [ ! -s err ]
}

# refused TRAP STATUS NAME WHY [MORE]
refused() {
	layout "$1"
	manifest "$1" "${5-}"
	"$rootc" build m.yaml >out 2>err
	[ $? -eq "$2" ] && grep -q "^m.yaml:3:22: error: .*$4.*\[$3\]\$" err && [ "$(grep -c error: err)" -eq 1 ] && [ ! -s out ]
	result "$1: refused" $?
	[ ! -e m.img ] && [ "$(grep -c . err)" -le 20 ]
	result "$1: nothing of it counts" $?
}

layout sound
tree sound
result 'a sound layout' $?
cat >want <<-T
	0755 0:0 dir  /
	0644 0:0 file /absolute 1
	0777 0:0 link /bin -> usr/bin
	0644 0:0 file /both 4
	0644 0:0 file /dir-to-file 10
	0777 0:0 link /dir-to-link -> usr
	0700 0:0 dir  /etc
	0644 0:0 file /etc/changed 3
	0644 0:0 file /etc/kept 4
	0755 0:0 dir  /file-to-dir
	0644 0:0 file /file-to-dir/x 1
	0755 0:0 dir  /link-to-dir
	0644 0:0 file /link-to-dir/x 1
	0755 0:0 dir  /opaque
	0644 0:0 file /opaque/above 5
	1777 0:0 dir  /top
	0755 0:0 dir  /usr
	0755 0:0 dir  /usr/bin
	0644 0:0 file /usr/bin/new 3
	4755 0:0 file /usr/bin/x 1
	4755 0:0 file /usr/bin/y 1
T
sed 's/ *$//' out >seen
diff want seen >err
result 'a sound layout: what its layers leave' $?
cp -r sound bare
grep -L mediaType bare/blobs/sha256/* | xargs rm
tree bare && sed 's/ *$//' out | cmp -s want -
result 'what the store has needs no blobs' $?
layout devices
tree devices
grep -q "'/dev/fifo' is a device, FIFO or socket in the pool" err && grep -q "'/dev/null' is a device" err
result 'devices are there, but cannot be used' $?

layout several
for row in 'tag: first:first' 'tag: second:amd64' 'tag: second, architecture: arm64:arm64' 'tag: second, architecture: armhf:arm' \
	'architecture: arm64:arm64'; do
	manifest several "${row%:*}"
	sed -i '$d' m.yaml && echo 'files: {/etc/name: {source: /etc/name}}' >>m.yaml
	"$rootc" build m.yaml >out 2>err && [ "$("$rootc" cat m.img:/etc/name)" = "${row##*:}" ]
	result "of several: ${row%:*}" $?
	rm -f m.img .m.img.stamp
done
refused several 3 oci-undecided "'several' has 2 images for amd64"
grep -q "note: it has tag 'first', linux/amd64, sha256: [0-9a-f]\{64\}$" err && grep -q "note: it has tag 'second', linux/amd64" err
result 'several: lists them' $?
pin=$(sed -n "s/.*note: it has tag 'second'.*sha256: //p" err)
manifest several "sha256: $pin"
"$rootc" build m.yaml >out 2>err && [ "$("$rootc" cat m.img:/etc/name)" = amd64 ]
result 'of several: by its sha256' $?
rm -f m.img .m.img.stamp
refused several 3 oci-undecided "'several' has no image for s390x" 'architecture: s390x'
refused several 3 oci-undecided "'several' has no image for amd64 with the tag 'third'" 'tag: third'
manifest sound "sha256: $(printf '%064d' 0)"
"$rootc" build m.yaml >out 2>err
[ $? -eq 4 ] && grep -q '^m.yaml:3:37: error: .* is not the one with this SHA-256 \[hash-mismatch\]' err
result 'another image than was agreed on' $?

refused untagged 3 oci-undecided 'has 2 images for amd64'
refused artifact 3 oci-undecided 'has no image for amd64'
mkdir empty
refused empty 4 oci-broken "'empty/oci-layout' cannot be read: No such file"
echo file >plain
refused plain 4 oci-broken "'plain/oci-layout' cannot be read: Not a directory"
refused no-version 4 oci-broken "'no-version/oci-layout' is not of an image layout of version 1.0.0"
refused later-version 4 oci-broken 'is not of an image layout of version 1.0.0'
refused not-json 4 oci-broken "'not-json/index.json' is no JSON"
refused deep-json 4 oci-broken "'deep-json/index.json' is no JSON"
refused behind 4 oci-broken "'behind/index.json' is no JSON"
refused key-twice 4 oci-broken "has 'manifests' twice in one object"
refused both-kinds 4 oci-broken 'is both an index and a manifest'
refused large-index 4 input-too-large "'large-index/index.json' has more than 4 MiB"
refused nested 4 input-too-large 'indexes in indexes, more than 4 deep'
refused wide 4 input-too-large 'leads to more than 64 MiB'
refused no-digest 4 oci-broken 'without a media type or a digest'
refused sha512 4 oci-broken "has the digest 'sha512:0*', which is no SHA-256"
refused digest-with-slash 4 oci-broken 'which is no SHA-256'
refused wrong-size 4 hash-mismatch 'is not what its name says'
refused negative-size 4 oci-broken 'is no JSON, or not of the form'
refused manifest-missing 4 oci-broken 'cannot be read: No such file'
refused manifest-changed 4 hash-mismatch 'is not what its name says'
refused layer-missing 4 file-unreadable "cannot read 'layer-missing/blobs/sha256/[0-9a-f]*': No such file"
refused layer-changed 4 hash-mismatch 'is not what its name says'
refused layer-by-link 4 file-unreadable 'Too many levels of symbolic links'
refused layer-size 4 hash-mismatch 'is not what its name says'
refused layer-type 4 oci-broken "has a layer of the unknown type '.*+gzip+encrypted'"
refused layers-many 4 input-too-large 'has more than 512 layers'
refused layer-no-tar 4 archive-broken 'cannot unpack'
refused layer-cut 4 archive-broken 'cannot unpack .*Truncated'
refused climbs 4 archive-broken "entry 'usr/../../etc/passwd' has '..'"
refused whiteout-climbs 4 oci-broken "has the entry 'usr/.wh..', a whiteout of no name"
refused whiteout-up 4 oci-broken "has the entry 'usr/.wh...', a whiteout of no name"
refused whiteout-empty 4 oci-broken "has the entry 'usr/.wh.', a whiteout of no name"
refused whiteout-meta 4 oci-broken "has the entry '.wh..wh.plnk', a whiteout of no name"
refused whiteout-directory 4 oci-broken "has the entry '.wh.usr', which is named as a whiteout"
refused whiteout-parent 4 oci-broken "has the entry '.wh.usr/x', which lies below a whiteout"
refused hard-link-below 4 archive-broken "'z' is a hard link to what is no file before it"
refused bomb 4 input-too-large 'holds more than 16 GiB'

# What the pool says is said of the input's name.
for trap in below-a-file link-loop; do
	layout $trap
	manifest $trap
	"$rootc" build m.yaml >out 2>err
	[ $? -eq 4 ] && grep -q '^m.yaml:3:10: error: .* is no directory, but this input has something below it \[input-path-blocked\]' err
	result "$trap: refused" $?
done

layout links-out
echo secret >/tmp/rootc-oci-canary.$$
tree links-out
grep -q '/tmp/z' out && ! grep -q '/tmp/[xy]\|canary' out
result 'links that lead out end at the root' $?
rm -f /tmp/rootc-oci-canary.$$
layout twice-in-a-layer
tree twice-in-a-layer && grep -q '/both 6' out
result 'the last of two entries with one name wins' $?

# A lock pins an image by its manifest, which pins its layers.
cp -r sound locked
manifest locked
"$rootc" lock m.yaml >out 2>err && grep -q '^    image: [0-9a-f]\{64\}$' m.lock && "$rootc" plan --locked m.yaml >out 2>err
result 'a locked image' $?
"$rootc" vendor m.yaml vendored >out 2>err && mv .rootc away && "$rootc" plan --vendor vendored m.yaml >out 2>err
result 'a vendored image' $?
rm -rf locked .rootc && mv away .rootc
cp -r twice-in-a-layer locked
for option in '' --locked; do
	# shellcheck disable=SC2086 # none, or one
	"$rootc" build $option m.yaml >out 2>err
	[ $? -eq 4 ] && grep -q "^m.yaml:3:22: error: image 'locked' is not what was locked \[lock-drift\]" err && [ "$(grep -c error: err)" -eq 1 ]
	result "another image than was locked $option" $?
done
rm m.lock

# What other programs make: umoci's layers with whiteouts, packed anew by skopeo, beside what umoci unpacks.
if command -v umoci >/dev/null && command -v skopeo >/dev/null; then
	{
		umoci init --layout made && umoci new --image made:v1 && umoci unpack --rootless --image made:v1 one &&
			mkdir -p one/rootfs/usr/bin one/rootfs/etc one/rootfs/opt/d && echo 1 >one/rootfs/usr/bin/one && echo 2 >one/rootfs/etc/gone &&
			ln -s usr/bin one/rootfs/bin && ln one/rootfs/usr/bin/one one/rootfs/usr/bin/same && echo 3 >one/rootfs/opt/d/x &&
			umoci repack --image made:v2 one && umoci unpack --rootless --image made:v2 two &&
			rm -r two/rootfs/etc/gone two/rootfs/opt/d && echo 4 >two/rootfs/opt/d && umoci repack --image made:v3 two &&
			umoci unpack --rootless --image made:v3 three && skopeo --insecure-policy copy --dest-compress-format zstd oci:made:v3 oci:again:v3
	} >err 2>&1
	result 'umoci and skopeo' $?
	(cd three/rootfs && find . -mindepth 1 | sed 's/^\.//' | sort) >want
	for name in made again; do
		tree $name 'tag: v3' && awk '$4 != "/" { print $4 }' out | sort | cmp -s want -
		result "$name by others" $?
	done
else
	echo 'skipped: umoci and skopeo are not installed'
	skipped=$((skipped + 1))
fi

finish
