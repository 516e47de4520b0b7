#!/bin/sh
# What `rootc inspect --svg` draws: the same bytes each time and everywhere, well formed, named for who cannot see it; and, as a
# browser shows it, the colours of all that the image holds, in the legend and in the map. usage: run.sh [--update] ROOTC
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
update=
if [ "${1-}" = --update ]; then update=yes; shift; fi
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1"; }

cd "$tmp" || exit 1
cp "$here/disk.yaml" .
yes b | head -c 4096 >blob
yes l | head -c 1200000 >large
"$rootc" build disk.yaml -o disk.img >/dev/null || { echo 'disk.yaml does not build'; exit 1; }
mkdir elsewhere && cp disk.img elsewhere
"$rootc" inspect --svg disk.img >disk.svg || fail 'inspect --svg fails'
"$rootc" inspect --svg elsewhere/disk.img >other.svg
if cmp -s disk.svg other.svg; then pass; else fail 'the picture depends on where the image lies'; fi
sha256sum <disk.svg | cut -c 1-64 >seen
[ -z "$update" ] || cp seen "$here/disk.sha256"
if cmp -s seen "$here/disk.sha256"; then pass; else fail "the picture of disk.yaml is another one: $(cat seen)"; fi
if python3 -c 'import sys, xml.dom.minidom as d
svg = d.parse("disk.svg").documentElement
text = lambda name: [e.firstChild.data for e in svg.getElementsByTagName(name)]
assert svg.getAttribute("role") == "img" and text("title")[0] == "disk.img" and "journal: 1 MiB" in text("desc")[0], text("desc")
assert any("partition 2 data 4 MiB ext2" in t for t in text("title"))
beside = [e.firstChild.data for e in svg.getElementsByTagName("text") if int(e.getAttribute("x")) > 972]
assert beside == ["1", "2", "3"], beside
assert not any(e.hasAttribute("href") or e.hasAttribute("xlink:href") for e in svg.getElementsByTagName("*"))'; then
	pass
else
	fail 'the picture is not well formed, not named or not self-contained'
fi
# a name that XML would take for its own
cp disk.img '<&">.img'
if "$rootc" inspect --svg '<&">.img' | python3 -c 'import sys, xml.dom.minidom as d
assert d.parse(sys.stdin).getElementsByTagName("title")[0].firstChild.data == "<&\">.img"'; then pass; else fail 'a name is not escaped'; fi
# --- pages: well formed, self-contained, no id twice; what the picture shows, tables of it, and what differs
cat >page.py <<'P'
import html.parser, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.text, self.marked = [], [], [], []
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "rect", "path"): self.open.append(tag)
        for name, value in attributes:
            if name == "id": self.ids.append(value)
            assert name not in ("href", "src", "xlink:href"), (tag, name)
    def handle_startendtag(self, tag, attributes):
        for name, value in attributes: assert name not in ("href", "src", "xlink:href"), (tag, name)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if data.strip(): self.text.append(data.strip())
        if self.open and self.open[-1] in ("ins", "del"): self.marked.append(data)
page = Page()
page.feed(sys.stdin.read())
page.close()
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)), page.ids
for wanted in sys.argv[1:]:
    assert any(wanted in text for text in page.text + page.marked), (wanted, page.text)
P
page() { what=$1; shift; if python3 page.py "$@" <page.html; then pass; else fail "$what"; fi; }
"$rootc" inspect --html disk.img >page.html
page 'inspect --html' disk.img Partitions 'Largest of 3 files' partition /large 'files in one piece'
"$rootc" inspect --html elsewhere/disk.img >other.html
if cmp -s other.html page.html; then pass; else fail 'the page depends on where the image lies'; fi
sed 's|^files:|files:\n  "/<b>\&": {content: "one\\ntwo\\n"}|' disk.yaml >one.yaml
sed 's/two/three/' one.yaml >two.yaml
for name in one two; do "$rootc" build $name.yaml -o $name.img >/dev/null || fail "$name.yaml does not build"; done
"$rootc" diff --html one.img two.img >page.html
page 'diff --html' 'one.img and two.img: contents differ' '/<b>&' -two +three Before After 'whose they are'
"$rootc" diff --html disk.img one.img >page.html
page 'diff --html of a new file' '/<b>&' 'not there'
"$rootc" diff --html one.img one.img >page.html
page 'diff --html of equal images' 'one.img and one.img: identical'

# what is no image has a picture, too
printf x >small.img
: >empty.img
for image in empty.img small.img "$rootc"; do
	if "$rootc" inspect --svg "$image" | python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.stdin)'; then pass; else fail "no picture of $image"; fi
done

# a file system on which a file that came later had to take what room there was
export PATH="$PATH:/usr/sbin:/sbin"
mkdir tree
for i in 1 2 3; do head -c 250000 large >"tree/$i"; done
if mke2fs -q -F -t ext4 -O ^has_journal -b 1024 -d tree pieces.img 1200 >log 2>&1 && "$rootc" inspect --svg pieces.img >whole.svg &&
	debugfs -w -R 'rm /1' pieces.img >log 2>&1 && debugfs -w -R 'rm /3' pieces.img >log 2>&1 &&
	head -c 500000 large >late && debugfs -w -R 'write late late' pieces.img >log 2>&1 && "$rootc" inspect --svg pieces.img >pieces.svg; then
	if grep -q '0 of 3 files lie in several pieces' whole.svg && ! grep -q 'fill="#d55e00"' whole.svg; then pass; else fail 'whole files are in pieces'; fi
	if grep -q '1 of 2 files lie in several pieces' pieces.svg && grep -q 'fill="#d55e00"' pieces.svg; then pass; else fail 'a file in pieces is not told'; fi
else
	fail 'mke2fs or debugfs fails'
	cat log
fi

# Each colour fills at least its square in the legend, 11 by 11 pixels, and what the map has of it.
if command -v chromium >/dev/null; then
	timeout 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$tmp/profile" --window-size=1000,900 \
		--screenshot="$tmp/disk.png" "file://$tmp/disk.svg" >log 2>&1
	# shellcheck disable=SC2046 # a number for each colour
	set -- $("$here/colors.py" disk.png e69f00 f0e442 56b4e9 0072b2 cc79a7 dedede 009e73 d9e8f3 2>>log)
	[ $# = 8 ] || { fail 'there is no screenshot'; tail -n 5 log; }
	least='150 300 150 5000 3000 20000 500 5000'
	for count; do
		if [ "$count" -ge "${least%% *}" ]; then pass; else fail "a colour has $count pixels, not ${least%% *}: $*"; fi
		least=${least#* }
	done
else
	echo 'skipped: the picture in a browser: there is no chromium (apt install chromium)'
	skipped=$((skipped + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
