# An image with one static binary and the certificate authorities of Alpine, and nothing else:
#   docker build -t reconnect-acceptance .
#   docker run --rm reconnect-acceptance run
# `agentos` needs Python, so it does not work in this image, and says so.
FROM rust:1.88-alpine AS build
# The crate ring compiles C.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
# Alpine's own target is musl, which links statically.
RUN cargo build --locked --profile dist

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /source/target/dist/reconnect-acceptance /reconnect-acceptance
# This user needs no name. Pass --user to `docker run` so that the reports belong to you.
USER 65532:65532
# There is no loader and no library here, so this fails unless the binary is static.
RUN ["/reconnect-acceptance", "--version"]
WORKDIR /work
# `serve` in a container: serve --bind 0.0.0.0:7777
EXPOSE 7777
ENTRYPOINT ["/reconnect-acceptance"]
CMD ["run"]
