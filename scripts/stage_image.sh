#!/usr/bin/env bash
# Lays out what the image has of this project and of the Swift packages in the program. Runs in the root of the sources.
# usage: stage_image.sh FOLDER [PROGRAM]   without PROGRAM, builds one for release, with static Swift libraries
#   FOLDER/root   files of the image: the program, and the licences of what is linked into it
#   FOLDER/facts  for scripts/sbom.py: packages.json (the Swift packages in the program), swift-version (of the compiler,
#                 whose libraries are in it), program.sha256
set -euo pipefail
folder=$1
program=${2:-}

if [ -z "$program" ]; then
  # The linker's options make the program 4 MB smaller: docs/decisions/an-image-without-icu-data.md.
  options=(
    --configuration release --static-swift-stdlib
    -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs # needs glibc 2.36, which Debian 12 has
    -Xlinker "--version-script=$PWD/scripts/no-exports.map" # nothing looks up its names
  )
  swift build --quiet --product milvus-tls "${options[@]}" >&2
  program=$(swift build --show-bin-path "${options[@]}")/milvus-tls
fi
rm -rf "$folder"
documents=$folder/root/usr/share/doc/milvus-tls
mkdir -p "$documents/swift" "$folder/root/usr/local/bin" "$folder/facts"
install --strip "$program" "$folder/root/usr/local/bin/milvus-tls"
sha256sum < "$folder/root/usr/local/bin/milvus-tls" | cut -d ' ' -f 1 > "$folder/facts/program.sha256"

swift_libraries=$(dirname "$(dirname "$(realpath "$(command -v swift)")")")
install -m 644 LICENSE "$documents/LICENSE"
install -m 644 "$swift_libraries/share/swift/LICENSE.txt" "$documents/swift/LICENSE.txt"
# A build that runs here at the same time changes nothing about the versions.
swift package --ignore-lock show-dependencies --format json > "$folder/facts/packages.json"
swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' > "$folder/facts/swift-version"
find .build/checkouts -mindepth 2 -maxdepth 2 -iname 'LICENSE*' -o -mindepth 2 -maxdepth 2 -iname 'NOTICE*' | while read -r file; do
  package=$(basename "$(dirname "$file")")
  install -D -m 644 "$file" "$documents/${package,,}/$(basename "$file")"
done

# A program built for debugging loads the Swift libraries from the folder of the compiler.
ldd "$program" | { grep -o "$swift_libraries/lib/swift/[^ ]*" || true; } | while read -r library; do
  install -D -m 644 "$library" "$folder/root$library"
done
# Nobody but root may write to them; the umask of the builder does not show in the image.
chmod -R u=rwX,go=rX "$folder/root"
