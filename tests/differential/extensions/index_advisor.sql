-- schema: any
create function index_advisor_is_a_stand_in() returns boolean language sql as 'select true';
