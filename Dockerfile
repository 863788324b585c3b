# Builds a wheel, then installs it into a slim image that runs as a user without rights.
FROM python:3.11-slim AS build
WORKDIR /build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libssl-dev
COPY pyproject.toml setup.py README.md LICENSE ./
COPY sfu sfu
COPY web web
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home sfu
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && rm -r /wheels
USER 10001
ENV SFU_HTTP_HOST=""
EXPOSE 8080/tcp 8081/udp
HEALTHCHECK --interval=10s --timeout=3s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["sfu"]
CMD ["serve"]
