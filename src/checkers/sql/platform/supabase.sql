-- What a Supabase project holds before its first migration, as far as rules ask.
create role supabase_admin superuser login bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
create role supabase_auth_admin login noinherit;
create role supabase_storage_admin login noinherit;
create role supabase_functions_admin login noinherit;
create role supabase_realtime_admin nologin noinherit;
create role supabase_replication_admin login;
create role supabase_read_only_user login bypassrls;
grant pg_read_all_data to supabase_read_only_user;
create role supabase_etl_admin login;
create role dashboard_user nologin;
create role pgbouncer login;
create role pgsodium_keyholder nologin;
create role pgsodium_keyiduser nologin;
create role pgsodium_keymaker nologin;
create schema extensions;
create schema auth authorization supabase_admin;
create schema storage authorization supabase_admin;
create schema graphql;
create schema graphql_public;
create schema realtime authorization supabase_admin;
create schema vault;
create schema pgsodium;
create schema pgbouncer;
create schema supabase_migrations;
create schema supabase_functions;
create extension "uuid-ossp" with schema extensions;
create extension pgcrypto with schema extensions;
create extension pgjwt with schema extensions;
create extension pg_stat_statements with schema extensions;
create extension supabase_vault with schema vault;
create publication supabase_realtime;
create table auth.users (
    instance_id uuid, id uuid primary key, aud varchar(255), role varchar(255), email varchar(255),
    encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
    confirmation_token varchar(255), confirmation_sent_at timestamptz, recovery_token varchar(255),
    recovery_sent_at timestamptz, email_change_token_new varchar(255), email_change varchar(255),
    email_change_sent_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb,
    raw_user_meta_data jsonb, is_super_admin boolean, created_at timestamptz, updated_at timestamptz,
    phone text unique, phone_confirmed_at timestamptz, phone_change text, phone_change_token varchar(255),
    phone_change_sent_at timestamptz, confirmed_at timestamptz, email_change_token_current varchar(255),
    email_change_confirm_status smallint, banned_until timestamptz, reauthentication_token varchar(255),
    reauthentication_sent_at timestamptz, is_sso_user boolean not null, deleted_at timestamptz,
    is_anonymous boolean not null);
create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
create index users_instance_id_idx on auth.users (instance_id);
create table auth.sessions (
    id uuid primary key, user_id uuid not null references auth.users on delete cascade, created_at timestamptz,
    updated_at timestamptz, factor_id uuid, aal text, not_after timestamptz, refreshed_at timestamp, user_agent text,
    ip inet, tag text);
create table auth.identities (
    provider_id text not null, user_id uuid not null references auth.users on delete cascade,
    identity_data jsonb not null, provider text not null, last_sign_in_at timestamptz, created_at timestamptz,
    updated_at timestamptz, email text, id uuid primary key, unique (provider_id, provider));
create table auth.refresh_tokens (
    instance_id uuid, id bigserial primary key, token varchar(255) unique, user_id varchar(255), revoked boolean,
    created_at timestamptz, updated_at timestamptz, parent varchar(255),
    session_id uuid references auth.sessions on delete cascade);
create table auth.mfa_factors (
    id uuid primary key, user_id uuid not null references auth.users on delete cascade, friendly_name text,
    factor_type text, status text, created_at timestamptz, updated_at timestamptz, secret text);
create table auth.mfa_amr_claims (
    session_id uuid not null, created_at timestamptz, updated_at timestamptz, authentication_method text,
    id uuid primary key);
create table auth.audit_log_entries (
    instance_id uuid, id uuid primary key, payload json, created_at timestamptz, ip_address varchar(64) not null);
create table auth.schema_migrations (version varchar(255) primary key);
alter table auth.users enable row level security;
alter table auth.sessions enable row level security;
alter table auth.identities enable row level security;
alter table auth.refresh_tokens enable row level security;
alter table auth.mfa_factors enable row level security;
alter table auth.mfa_amr_claims enable row level security;
alter table auth.audit_log_entries enable row level security;
alter table auth.schema_migrations enable row level security;
create function auth.uid() returns uuid language sql stable as 'select null::uuid';
create function auth.role() returns text language sql stable as 'select null::text';
create function auth.email() returns text language sql stable as 'select null::text';
create function auth.jwt() returns jsonb language sql stable as 'select null::jsonb';
create table storage.buckets (
    id text primary key, name text not null, owner uuid, created_at timestamptz, updated_at timestamptz,
    public boolean, avif_autodetection boolean, file_size_limit bigint, allowed_mime_types text[], owner_id text,
    type text not null);
create unique index bname on storage.buckets (name);
create table storage.objects (
    id uuid primary key, bucket_id text references storage.buckets, name text, owner uuid, created_at timestamptz,
    updated_at timestamptz, last_accessed_at timestamptz, metadata jsonb, path_tokens text[], version text,
    owner_id text, user_metadata jsonb, level integer);
create unique index bucketid_objname on storage.objects (bucket_id, name);
create table storage.migrations (
    id integer primary key, name varchar(100) unique not null, hash varchar(40) not null, executed_at timestamp);
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.migrations enable row level security;
create function storage.foldername(name text) returns text[] language plpgsql as 'begin return null; end';
create function storage.filename(name text) returns text language plpgsql as 'begin return null; end';
create function storage.extension(name text) returns text language plpgsql as 'begin return null; end';
grant all on all tables in schema storage to anon, authenticated, service_role;
create table realtime.messages (
    topic text not null, extension text not null, payload jsonb, event text, private boolean,
    updated_at timestamp not null, inserted_at timestamp not null, id uuid not null, primary key (id, inserted_at));
alter table realtime.messages enable row level security;
grant all on realtime.messages to anon, authenticated, service_role;
create function realtime.topic() returns text language sql stable as 'select null::text';
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
    returns void language sql as 'select';
create function realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
    level text default 'ROW') returns void language plpgsql as 'begin end';
create function graphql_public.graphql(
    "operationName" text default null, query text default null, variables jsonb default null,
    extensions jsonb default null) returns jsonb language sql as 'select null::jsonb';
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
create function supabase_functions.http_request() returns trigger language plpgsql as 'begin end';
