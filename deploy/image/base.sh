#!/usr/bin/env bash
# Makes substitutes for the two base images of the Dockerfile, from packages of Debian and npm. With them the Dockerfile
# can be checked where no image registry is reachable. Never ship an image that is built on them.
#   deploy/image/base.sh      makes localhost/servery-debian and localhost/servery-node
# It needs root, podman, mmdebstrap and npm.
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

# Like Debian's own slim images, it has no manuals and no translations. mmdebstrap sets $1 to the new root.
# shellcheck disable=SC2016
mmdebstrap --quiet --variant=minbase \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
  "$suite" "$work/debian.tar"
podman import --quiet --change 'CMD ["bash"]' "$work/debian.tar" localhost/servery-debian:latest > /dev/null

# Like in the official image, Node.js and npm are in /usr/local.
cd "$work"
node=$(npm view --json "node-$platform@^$line" version | tr --delete '[]", ' | sort --version-sort | tail --lines 1)
npm=$(npm view --json npm@11 version | tr --delete '[]", ' | sort --version-sort | tail --lines 1)
npm pack --silent "node-$platform@$node" "npm@$npm" > /dev/null
mkdir -p root/usr/local/lib/node_modules/npm root/usr/local/etc root/etc/ssl/certs
tar --extract --file "node-$platform-$node.tgz" --strip-components 1 --directory root/usr/local
tar --extract --file "npm-$npm.tgz" --strip-components 1 --directory root/usr/local/lib/node_modules/npm
ln -s ../lib/node_modules/npm/bin/npm-cli.js root/usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js root/usr/local/bin/npx
# The image trusts the certificate authorities of this machine, so that npm reaches the registry from inside.
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  cp /etc/ssl/certs/ca-certificates.crt root/etc/ssl/certs/
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' > root/usr/local/etc/npmrc
fi
printf 'FROM localhost/servery-debian:latest\nCOPY root/ /\nCMD ["node"]\n' > Dockerfile
podman build --quiet --isolation chroot --tag localhost/servery-node:latest . > /dev/null
echo "Node.js $node with npm $npm on Debian $suite"
