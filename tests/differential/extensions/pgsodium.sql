-- schema: pgsodium
create table pgsodium.key (id uuid primary key default gen_random_uuid());
