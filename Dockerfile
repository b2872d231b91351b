# The image of the operator, for the architecture that the builder asks for:
#   docker build --tag milvus-tls-operator:0.1.0 --build-arg SOURCE=https://... --build-arg REVISION="$(git rev-parse HEAD)" .
# scripts/build_operator_image.py builds it without Docker. docs/development.md has more.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The packages of others come first: a change of the sources alone does not fetch them again.
COPY Package.swift ./
RUN swift package resolve
COPY LICENSE ./
COPY Benchmarks Benchmarks
COPY Charts Charts
COPY Sources Sources
COPY Tests Tests
COPY scripts scripts
RUN scripts/stage_image.sh /stage

FROM debian:bookworm-slim AS runtime
# Logs and caches differ with every build, and nobody reads them.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates libcurl4 libssl3 libyaml-0-2 libstdc++6 tzdata \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache \
           /var/lib/dpkg/*-old /var/log/* /tmp/* /var/tmp/*

FROM debian:bookworm-slim AS tools
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3-debian \
 && rm -rf /var/lib/apt/lists/*

FROM tools AS sbom
ARG VERSION=0.1.0
ARG SOURCE_DATE_EPOCH
COPY --from=runtime /etc/os-release /root/etc/os-release
COPY --from=runtime /usr/share/doc /root/usr/share/doc
COPY --from=runtime /var/lib/dpkg/status /root/var/lib/dpkg/status
COPY --from=build /stage/root/usr/share/doc/milvus-tls /root/usr/share/doc/milvus-tls
COPY --from=build /stage/facts /facts
COPY scripts/sbom.py /
RUN python3 /sbom.py /root /facts "$VERSION" > /milvus-tls-operator.spdx.json

FROM runtime AS image
COPY --from=build /stage/root /
COPY --from=sbom /milvus-tls-operator.spdx.json /usr/share/sbom/
ARG VERSION=0.1.0
# Where the sources are, and which commit: whoever publishes the image says so.
ARG SOURCE
ARG REVISION
LABEL org.opencontainers.image.title="milvus-tls-operator" \
      org.opencontainers.image.description="TLS for Milvus on Kubernetes: issues, mounts, verifies and renews certificates" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.documentation="$SOURCE" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/milvus-tls"]
CMD ["operator"]
