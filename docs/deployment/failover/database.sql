-- Once, as the superuser, on whichever machine is the primary: psql -h 10.0.0.1 -U postgres -f database.sql
CREATE ROLE triptych LOGIN PASSWORD 'change-me-triptych';
CREATE DATABASE triptych OWNER triptych TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
