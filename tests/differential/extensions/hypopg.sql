-- schema: any
create function hypopg_is_a_stand_in() returns boolean language sql as 'select true';
