# One image for every service and the gateway: `plumbline serve <part>`. The base can be replaced by a local one of the same kind.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
RUN python -m venv /opt/plumbline
COPY requirements.lock pyproject.toml README.md ./
RUN /opt/plumbline/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY contracts contracts
COPY chassis chassis
COPY services services
COPY gateway gateway
COPY plumbline plumbline
RUN /opt/plumbline/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
RUN groupadd --gid 10001 plumbline && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin plumbline
RUN install -d -o 10001 -g 10001 /attachments
COPY --from=build /opt/plumbline /opt/plumbline
ENV PATH=/opt/plumbline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["plumbline"]
CMD ["serve", "gateway"]
