# First start: make the cluster, run the first statements. Every start: serve on all addresses with passwords.
set -euo pipefail
data=/var/lib/postgresql/18
as() { setpriv --reuid 10001 --regid 10001 --clear-groups "$@"; }
chown 10001:10001 /var/lib/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
    install -m 600 -o 10001 -g 10001 /dev/null /tmp/password
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
    as initdb --pgdata "$data" --username postgres --auth scram-sha-256 --pwfile /tmp/password --encoding UTF8 --locale C
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
    as pg_ctl --pgdata "$data" --wait --options "-c listen_addresses='' -c unix_socket_directories=/tmp" start
    for file in /docker-entrypoint-initdb.d/*.sql; do
        PGPASSWORD="$POSTGRES_PASSWORD" psql --host /tmp --username postgres --set ON_ERROR_STOP=1 --file "$file"
    done
    as pg_ctl --pgdata "$data" --wait stop
fi
exec setpriv --reuid 10001 --regid 10001 --clear-groups \
    "$@" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
