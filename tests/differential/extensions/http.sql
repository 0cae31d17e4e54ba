-- schema: fixed
create type http_header as (field varchar, value varchar);
create type http_response as (status integer, content_type varchar, headers http_header[], content varchar);
create function http_get(uri varchar) returns http_response language sql as 'select null::@extschema@.http_response';
create function http_post(uri varchar, content varchar, content_type varchar) returns http_response
  language sql as 'select null::@extschema@.http_response';
