# One image for every service and the gateway: `plumbline serve <part>`.
# BASE can be replaced by a local image of the same kind, and is best given with its digest: --build-arg BASE=NAME@sha256:...
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python3 -m venv /opt/plumbline
# Only what is locked, by its hash. The lock of the image has no tools of development in it.
COPY requirements-image.lock ./
RUN /opt/plumbline/bin/python -m pip install --require-hashes --only-binary :all: -r requirements-image.lock
COPY pyproject.toml README.md ./
COPY contracts contracts
COPY chassis chassis
COPY services services
COPY gateway gateway
COPY plumbline plumbline
# Without an index and without dependencies: what is missing in the lock is not fetched, and `pip check` names it and fails.
RUN /opt/plumbline/bin/python -m pip install --no-index --no-deps --no-build-isolation . \
    && /opt/plumbline/bin/python -m pip check \
    && /opt/plumbline/bin/python -m compileall -q /opt/plumbline/lib \
    && /opt/plumbline/bin/python -m pip uninstall --yes --quiet setuptools pip \
    && cd / && /opt/plumbline/bin/python -m plumbline.sbom > /opt/plumbline/sbom.cdx.json

FROM ${BASE}
LABEL org.opencontainers.image.title="Plumbline" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 plumbline \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin plumbline \
    && install -d -o 10001 -g 10001 /attachments
COPY --from=build /opt/plumbline /opt/plumbline
# Nothing is written below / but in /tmp and /attachments, so the root may be mounted read-only, and should be.
ENV PATH=/opt/plumbline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["plumbline"]
CMD ["serve", "gateway"]
