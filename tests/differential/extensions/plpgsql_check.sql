-- schema: any
create function plpgsql_check_is_a_stand_in() returns boolean language sql as 'select true';
