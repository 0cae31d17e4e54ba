-- schema: any
create function wrappers_is_a_stand_in() returns boolean language sql as 'select true';
