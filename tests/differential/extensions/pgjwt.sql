-- schema: any
create function sign(payload json, secret text, algorithm text default 'HS256') returns text language sql immutable as 'select null::text';
create function verify(token text, secret text, algorithm text default 'HS256')
  returns table (header json, payload json, valid boolean) language sql immutable as 'select null::json, null::json, false';
