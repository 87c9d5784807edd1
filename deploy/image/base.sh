#!/usr/bin/env bash
# Makes stand-ins for the Dockerfile's two base images from Debian's and npm's packages, to check the Dockerfile where
# no image registry can be reached. For checks only: what is shipped stands on the images that the Dockerfile names.
#   deploy/image/base.sh      makes localhost/servery-debian and localhost/servery-node; needs root, podman, mmdebstrap, npm
set -euo pipefail

suite=trixie
line=24
case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  aarch64) platform=linux-arm64 ;;
  *) echo "There is no Node.js package for $(uname -m)" >&2 && exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As in Debian's own slim images: without manuals and translations. mmdebstrap fills in $1, the new root.
# shellcheck disable=SC2016
mmdebstrap --quiet --variant=minbase \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
  "$suite" "$work/debian.tar"
podman import --quiet --change 'CMD ["bash"]' "$work/debian.tar" localhost/servery-debian:latest > /dev/null

# As in the official image: Node.js and its npm under /usr/local.
cd "$work"
node=$(npm view --json "node-$platform@^$line" version | tr --delete '[]", ' | sort --version-sort | tail --lines 1)
npm=$(npm view --json npm@11 version | tr --delete '[]", ' | sort --version-sort | tail --lines 1)
npm pack --silent "node-$platform@$node" "npm@$npm" > /dev/null
mkdir -p root/usr/local/lib/node_modules/npm root/usr/local/etc root/etc/ssl/certs
tar --extract --file "node-$platform-$node.tgz" --strip-components 1 --directory root/usr/local
tar --extract --file "npm-$npm.tgz" --strip-components 1 --directory root/usr/local/lib/node_modules/npm
ln -s ../lib/node_modules/npm/bin/npm-cli.js root/usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js root/usr/local/bin/npx
# A registry behind this machine's own certificate authority is trusted in there, too.
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  cp /etc/ssl/certs/ca-certificates.crt root/etc/ssl/certs/
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' > root/usr/local/etc/npmrc
fi
printf 'FROM localhost/servery-debian:latest\nCOPY root/ /\nCMD ["node"]\n' > Dockerfile
podman build --quiet --isolation chroot --tag localhost/servery-node:latest . > /dev/null
echo "Node.js $node with npm $npm on Debian $suite"
