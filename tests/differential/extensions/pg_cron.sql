-- schema: any
create schema if not exists cron;
create table cron.job (jobid bigserial primary key, jobname text, schedule text, command text, active boolean default true);
create table cron.job_run_details (runid bigserial primary key, jobid bigint, status text, return_message text,
  start_time timestamptz, end_time timestamptz);
create function cron.schedule(schedule text, command text) returns bigint language sql as 'select 0::bigint';
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as 'select 0::bigint';
create function cron.unschedule(job_id bigint) returns boolean language sql as 'select true';
create function cron.unschedule(job_name text) returns boolean language sql as 'select true';
