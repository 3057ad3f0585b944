# One static binary and the certificate authorities of Alpine, nothing else:
#   docker build -t reconnect-acceptance .
#   docker run --rm reconnect-acceptance run
# `agentos` needs Python and is not for this image; it says so.
FROM rust:1.88-alpine AS build
# ring compiles C.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
# Alpine's own target is musl, and links statically.
RUN cargo build --locked --profile dist

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /source/target/dist/reconnect-acceptance /reconnect-acceptance
# No name is needed for it; another one is given with --user, so that reports belong to who asked for them.
USER 65532:65532
# Here is no loader and no library: this fails unless the binary is static.
RUN ["/reconnect-acceptance", "--version"]
WORKDIR /work
# `serve` in a container: serve --bind 0.0.0.0:7777
EXPOSE 7777
ENTRYPOINT ["/reconnect-acceptance"]
CMD ["run"]
