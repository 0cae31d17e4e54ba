//! Owns `qgate man`: one manual page for all commands.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::Cli;
use super::output::Console;
use crate::model::outcome::Exit;

/// Prints the manual page.
///
/// # Errors
/// When it cannot be written.
pub fn run(console: &mut Console) -> anyhow::Result<Exit> {
    console.out(&page()?)?;
    Ok(Exit::Pass)
}

fn page() -> anyhow::Result<String> {
    let mut command = Cli::command();
    command.build();
    let mut roff = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut roff)?;
    whole.render_name_section(&mut roff)?;
    whole.render_synopsis_section(&mut roff)?;
    whole.render_options_section(&mut roff)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let heading = format!(".SH \"QGATE {}\"\n", sub.get_name().to_uppercase());
        roff.extend_from_slice(heading.as_bytes());
        let mut part = Vec::new();
        let page = Man::new(sub.clone());
        page.render_description_section(&mut part)?;
        page.render_options_section(&mut part)?;
        roff.extend_from_slice(&subsections(&String::from_utf8_lossy(&part)));
    }
    whole.render_extra_section(&mut roff)?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}

/// Sections of a command become subsections of the page.
fn subsections(roff: &str) -> Vec<u8> {
    let lines: String = roff
        .lines()
        .map(|line| match line.strip_prefix(".SH ") {
            Some(title) => format!(".SS {title}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    lines.into_bytes()
}
