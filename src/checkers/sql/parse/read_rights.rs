//! Owns how rights and policies are read: `GRANT`, `REVOKE`, default privileges, roles, policies.

use super::cursor::{Cursor, Read};
use super::read_expr::expr;
use super::read_function;
use super::statement::{
    AlterPolicy, Command, CreatePolicy, DefaultRights, Grant, Object, On, Statement, Target,
};

/// Reads what follows `CREATE POLICY`.
pub fn create_policy(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.ident()?;
    c.expect("on")?;
    let table = c.name()?;
    let mut permissive = true;
    if c.eat("as") {
        permissive = match c.label()?.as_str() {
            "permissive" => true,
            "restrictive" => false,
            _ => return c.wrong("PERMISSIVE or RESTRICTIVE"),
        };
    }
    let mut command = Command::All;
    if c.eat("for") {
        command = match c.eat_any(&["all", "select", "insert", "update", "delete"]) {
            Some("all") => Command::All,
            Some("select") => Command::Select,
            Some("insert") => Command::Insert,
            Some("update") => Command::Update,
            Some(_) => Command::Delete,
            None => return c.wrong("a command"),
        };
    }
    let roles = if c.eat("to") {
        c.list(Cursor::role)?
    } else {
        Vec::new()
    };
    let (using, check) = conditions(c)?;
    Ok(Statement::CreatePolicy(Box::new(CreatePolicy {
        name,
        table,
        permissive,
        command,
        roles,
        using,
        check,
    })))
}

type Conditions = (Option<super::expr::Expr>, Option<super::expr::Expr>);

fn conditions(c: &mut Cursor<'_>) -> Read<Conditions> {
    let mut using = None;
    let mut check = None;
    if c.eat("using") {
        c.expect_sign("(")?;
        using = Some(expr(c)?);
        c.expect_sign(")")?;
    }
    if c.eat_all(&["with", "check"]) {
        c.expect_sign("(")?;
        check = Some(expr(c)?);
        c.expect_sign(")")?;
    }
    Ok((using, check))
}

/// Reads what follows `ALTER POLICY`.
pub fn alter_policy(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.ident()?;
    c.expect("on")?;
    let table = c.name()?;
    let mut alter = AlterPolicy {
        name,
        table,
        rename: None,
        roles: Vec::new(),
        using: None,
        check: None,
    };
    if c.eat_all(&["rename", "to"]) {
        alter.rename = Some(c.ident()?);
    } else {
        if c.eat("to") {
            alter.roles = c.list(Cursor::role)?;
        }
        (alter.using, alter.check) = conditions(c)?;
    }
    Ok(Statement::AlterPolicy(Box::new(alter)))
}

/// Reads what follows `GRANT` or `REVOKE`.
pub fn grant(c: &mut Cursor<'_>, revoke: bool) -> Read<Statement> {
    let mut option_only = false;
    if revoke {
        option_only = c.eat_all(&["grant", "option", "for"]);
        if c.eat_all(&["admin", "option", "for"]) || c.eat_all(&["inherit", "option", "for"]) {
            c.skip_rest();
            return Ok(Statement::Other("revoke option".to_owned()));
        }
    }
    let mut rights = Vec::new();
    let mut columns = Vec::new();
    if c.eat("all") {
        c.eat("privileges");
        columns = c.columns()?;
    } else {
        rights = c.list(|c| {
            let mut word = c.label()?;
            if word == "alter" && c.eat("system") {
                word.push_str(" system");
            }
            Ok((word, c.columns()?))
        })?;
    }
    if c.is("to") || (revoke && c.is("from")) {
        return member(c, revoke, rights);
    }
    c.expect("on")?;
    let on = on(c)?;
    c.expect(if revoke { "from" } else { "to" })?;
    let roles = c.list(Cursor::role)?;
    c.eat_all(&["with", "grant", "option"]);
    if c.eat_all(&["granted", "by"]) {
        c.role()?;
    }
    let cascade = c.cascade();
    Ok(Statement::Grant(Box::new(Grant {
        revoke,
        option_only,
        rights,
        columns,
        on,
        roles,
        cascade,
    })))
}

/// Roles put into others.
fn member(c: &mut Cursor<'_>, revoke: bool, rights: Vec<(String, Vec<String>)>) -> Read<Statement> {
    c.bump();
    let to = c.list(Cursor::role)?;
    if c.eat("with") {
        c.list(|c| {
            c.label()?;
            match c.eat_any(&["option", "true", "false"]) {
                Some(_) => Ok(()),
                None => c.wrong("OPTION"),
            }
        })?;
    }
    if c.eat_all(&["granted", "by"]) {
        c.role()?;
    }
    c.cascade();
    let what = rights.into_iter().map(|(role, _)| role).collect();
    Ok(Statement::GrantRole(revoke, what, to))
}

fn kind(c: &mut Cursor<'_>) -> Object {
    for (word, object) in [
        ("table", Object::Table),
        ("sequence", Object::Sequence),
        ("function", Object::Function),
        ("procedure", Object::Procedure),
        ("routine", Object::Routine),
        ("schema", Object::Schema),
        ("type", Object::Type),
        ("domain", Object::Domain),
        ("database", Object::Database),
        ("language", Object::Other),
        ("tablespace", Object::Other),
        ("parameter", Object::Other),
    ] {
        if c.eat(word) {
            return object;
        }
    }
    if c.eat_all(&["foreign", "data", "wrapper"])
        || c.eat_all(&["foreign", "server"])
        || c.eat_all(&["large", "object"])
    {
        return Object::Other;
    }
    Object::Table
}

fn on(c: &mut Cursor<'_>) -> Read<On> {
    if c.eat("all") {
        let object = plural(c)?;
        c.expect("in")?;
        c.expect("schema")?;
        return Ok(On::AllIn(object, c.list(Cursor::ident)?));
    }
    let object = kind(c);
    let targets = c.list(|c| match object {
        Object::Function | Object::Procedure | Object::Routine => read_function::target(c),
        Object::Other => {
            let mut name = vec![c.peek(0).to_owned()];
            c.bump();
            while c.sign(".") {
                name.push(c.label()?);
            }
            Ok(Target {
                name,
                ..Target::default()
            })
        }
        _ => Ok(Target {
            name: c.name()?,
            ..Target::default()
        }),
    })?;
    Ok(On::Objects(object, targets))
}

fn plural(c: &mut Cursor<'_>) -> Read<Object> {
    for (word, object) in [
        ("tables", Object::Table),
        ("sequences", Object::Sequence),
        ("functions", Object::Function),
        ("procedures", Object::Procedure),
        ("routines", Object::Routine),
        ("types", Object::Type),
        ("schemas", Object::Schema),
    ] {
        if c.eat(word) {
            return Ok(object);
        }
    }
    c.wrong("a kind of object")
}

/// Reads what follows `ALTER DEFAULT PRIVILEGES`.
pub fn default_rights(c: &mut Cursor<'_>) -> Read<Statement> {
    let mut owners = Vec::new();
    let mut schemas = Vec::new();
    loop {
        if c.eat("for") {
            if c.eat_any(&["role", "user"]).is_none() {
                return c.wrong("ROLE");
            }
            owners.extend(c.list(Cursor::role)?);
        } else if c.eat("in") {
            c.expect("schema")?;
            schemas.extend(c.list(Cursor::ident)?);
        } else {
            break;
        }
    }
    let Some(verb) = c.eat_any(&["grant", "revoke"]) else {
        return c.wrong("GRANT or REVOKE");
    };
    let revoke = verb == "revoke";
    let option_only = revoke && c.eat_all(&["grant", "option", "for"]);
    let mut rights = Vec::new();
    if c.eat("all") {
        c.eat("privileges");
    } else {
        rights = c.list(|c| Ok((c.label()?, Vec::new())))?;
    }
    c.expect("on")?;
    let object = plural(c)?;
    c.expect(if revoke { "from" } else { "to" })?;
    let roles = c.list(Cursor::role)?;
    c.eat_all(&["with", "grant", "option"]);
    let cascade = c.cascade();
    Ok(Statement::DefaultRights(Box::new(DefaultRights {
        owners,
        schemas,
        object,
        grant: Grant {
            revoke,
            option_only,
            rights,
            columns: Vec::new(),
            on: On::AllIn(object, Vec::new()),
            roles,
            cascade,
        },
    })))
}

/// Reads what follows `CREATE ROLE` or `ALTER ROLE`: the name and the options.
pub fn role(c: &mut Cursor<'_>, create: bool) -> Read<Statement> {
    if !create && c.eat("all") {
        c.skip_rest();
        return Ok(Statement::Other("alter role".to_owned()));
    }
    let name = c.role()?;
    if !create && c.is_any(&["set", "reset", "in"]) {
        c.skip_rest();
        return Ok(Statement::Other("alter role".to_owned()));
    }
    if !create && c.eat_all(&["rename", "to"]) {
        let target = Target {
            name: vec![name],
            ..Target::default()
        };
        let change = super::statement::Change1::Rename(c.ident()?);
        return Ok(Statement::Alter(Object::Role, target, false, change));
    }
    c.eat("with");
    let (mut options, mut into, mut members) = (Vec::new(), Vec::new(), Vec::new());
    while !c.is_done() {
        if c.eat_all(&["in", "role"]) || c.eat_all(&["in", "group"]) {
            into.extend(c.list(Cursor::role)?);
        } else if c.eat("role") || c.eat("user") || c.eat("admin") {
            members.extend(c.list(Cursor::role)?);
        } else if c.eat("password") || c.eat_all(&["encrypted", "password"]) {
            c.bump();
        } else if c.eat_all(&["valid", "until"])
            || c.eat_all(&["connection", "limit"])
            || c.eat("sysid")
        {
            c.sign("-");
            c.bump();
        } else {
            const WORDS: [&str; 15] = [
                "superuser",
                "nosuperuser",
                "createdb",
                "nocreatedb",
                "createrole",
                "nocreaterole",
                "inherit",
                "noinherit",
                "login",
                "nologin",
                "replication",
                "noreplication",
                "bypassrls",
                "nobypassrls",
                "createuser",
            ];
            let Some(word) = c.eat_any(&WORDS) else {
                return c.wrong("an option of the role");
            };
            options.push(word.to_owned());
        }
    }
    Ok(if create {
        Statement::CreateRole(name, options, into, members)
    } else {
        Statement::AlterRole(name, options)
    })
}
