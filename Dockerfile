# The dashboard's image: one for the web server and for the worker (see compose.yaml).

FROM python:3.12-slim AS build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/app.txt requirements/app.txt
# Only wheels: nothing is compiled, so neither stage needs a compiler.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/app.txt
COPY manage.py pyproject.toml LICENSE ./
COPY dashboard dashboard
COPY static static
COPY templates templates
# A pattern, because a folder without translations is no folder at all to COPY.
COPY local[e] locale
ENV STATIC_ROOT=/app/.static
# The key is for this step alone and stays in no layer. htmx's extensions import modules that their package does not have.
RUN SECRET_KEY=for-collecting-static-files-alone-0123456789-0123456789-0123456789 OS_AUTH_URL=https://keystone.invalid/v3 \
    python manage.py collectstatic --noinput --verbosity 0 --ignore 'hx-*' \
 && python -m compileall -q dashboard \
 && pip uninstall --yes --quiet pip

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin belvedere
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH STATIC_ROOT=/app/.static PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    WEB_CONCURRENCY=2 WEB_THREADS=8
USER 10001
EXPOSE 8080
# 127.0.0.1 must be among ALLOWED_HOSTS for this (it is in compose.yaml).
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
# Gunicorn reads WEB_CONCURRENCY by itself; the threads need a shell. "exec" so that it gets the signal to stop.
CMD ["sh", "-c", "exec gunicorn dashboard.wsgi:application --bind 0.0.0.0:8080 --worker-class gthread --threads \"$WEB_THREADS\" --graceful-timeout 20 --worker-tmp-dir /dev/shm --no-control-socket"]
