# docker build --tag milvus-tls-operator:0.1.0 .
FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The packages of others come first: a change of the sources alone does not fetch them again.
COPY Package.swift ./
RUN swift package resolve
COPY Charts Charts
COPY Sources Sources
COPY Tests Tests
RUN swift build --configuration release --product milvus-tls --static-swift-stdlib \
 && install --strip .build/release/milvus-tls /usr/local/bin/milvus-tls

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libcurl4 libssl3 libyaml-0-2 libstdc++6 tzdata \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/milvus-tls /usr/local/bin/milvus-tls
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/milvus-tls"]
CMD ["operator"]
