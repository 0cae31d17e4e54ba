//! Owns the edits of a world. Each is one that people make.

use super::world::{Dice, File, Item, Kind, Told, World, is_script};

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Insert,
    Delete,
    Reindent,
    ReindentAll,
    Crlf,
    MoveInside,
    MoveAcross,
    Rename,
    RenameAndEdit,
    OtherFolder,
    AddTwin,
    DropTwin,
    EditInside,
    EditBeside,
    Copy,
    DeleteFile,
    Split,
    LastEnd,
    Mend,
    AddTail,
}

pub const ACTS: [Act; 20] = [
    Act::Insert,
    Act::Delete,
    Act::Reindent,
    Act::ReindentAll,
    Act::Crlf,
    Act::MoveInside,
    Act::MoveAcross,
    Act::Rename,
    Act::RenameAndEdit,
    Act::OtherFolder,
    Act::AddTwin,
    Act::DropTwin,
    Act::EditInside,
    Act::EditBeside,
    Act::Copy,
    Act::DeleteFile,
    Act::Split,
    Act::LastEnd,
    Act::Mend,
    Act::AddTail,
];

impl Act {
    /// Does it somewhere; nothing where it cannot be done.
    pub fn apply(self, world: &mut World, dice: &mut Dice) {
        let paths: Vec<String> = world.files.keys().cloned().collect();
        let Some(path) = paths.get(dice.roll(paths.len())) else {
            return;
        };
        match self {
            Self::Rename | Self::RenameAndEdit | Self::OtherFolder | Self::Copy => {
                self.file(world, path, dice);
            }
            Self::DeleteFile | Self::Split => self.file(world, path, dice),
            Self::MoveAcross => across(world, path, &paths[dice.roll(paths.len())], dice),
            _ => self.lines(world, path, dice),
        }
    }

    fn file(self, world: &mut World, path: &str, dice: &mut Dice) {
        let file = world.files.get_mut(path).expect("it was picked");
        if file.settled {
            return;
        }
        file.settled = true;
        let mut other = file.clone();
        let (folder, name) = path.split_once('/').expect("it lies in a folder");
        let mut target = format!("{folder}/other_{name}");
        match self {
            Self::DeleteFile => {
                world.files.remove(path);
                return;
            }
            Self::Copy => {
                other.origin = None;
                let lines = other.items.iter_mut().flatten();
                lines.for_each(|line| line.copied = true);
            }
            Self::Split => {
                let from = file.items.len() - file.items.len() / 3;
                other.origin = None;
                other.items = file.items.split_off(from);
                file.open_end = false;
            }
            _ => {
                world.files.remove(path);
            }
        }
        if self == Self::RenameAndEdit {
            edit(&mut other, world.id(), dice, |item| item.len() == 1);
        }
        if self == Self::OtherFolder {
            target = format!("{folder}/deeper/{name}");
        }
        world.files.insert(target, other);
    }

    fn lines(self, world: &mut World, path: &str, dice: &mut Dice) {
        let kind = if self == Self::Insert {
            World::kind(dice)
        } else {
            Kind::Twin
        };
        let inserted = world.item(kind, path);
        let id = world.id();
        let file = world.files.get_mut(path).expect("it was picked");
        match self {
            Self::Insert | Self::AddTwin => {
                let to = dice.roll(file.items.len() + 1);
                file.items.insert(to, inserted);
            }
            Self::Delete => drop(taken(file, dice, |_| true)),
            Self::DropTwin => drop(taken(file, dice, |item| item[0].told == Told::Twin)),
            Self::Reindent => {
                let by = 1 + dice.roll(4);
                if let Some(at) = found(file, dice, |_| true) {
                    file.items[at].iter_mut().for_each(|line| line.indent += by);
                }
            }
            // In a file that has another name too nothing would be left by which git could tell it.
            Self::ReindentAll if !file.settled => {
                file.settled = true;
                let lines = file.items.iter_mut().flatten();
                lines.for_each(|line| line.indent += 2);
            }
            Self::Crlf if !is_script(path) => file.crlf = !file.crlf,
            Self::MoveInside => {
                let block = taken(file, dice, |_| true);
                let to = dice.roll(file.items.len() + 1);
                file.items.splice(to..to, block);
            }
            Self::EditInside => edit(file, id, dice, |item| {
                item.len() == 1 && !item[0].rules("").is_empty()
            }),
            Self::EditBeside => edit(file, id, dice, |item| {
                item[0].told == Told::Text && item[0].rules("").is_empty()
            }),
            Self::LastEnd => file.open_end = !file.open_end,
            Self::Mend => {
                if let Some(at) = found(file, dice, |item| item.len() == 1) {
                    file.items[at][0].tail = "";
                }
            }
            Self::AddTail => {
                if let Some(at) = found(file, dice, |item| item.len() == 1) {
                    file.items[at][0].tail = "   ";
                }
            }
            _ => {}
        }
    }
}

/// Moves a block into another file of its kind.
fn across(world: &mut World, path: &str, target: &str, dice: &mut Dice) {
    let is_copy = world.files[path].items.iter().flatten().any(|l| l.copied);
    if path == target || is_script(path) != is_script(target) || is_copy {
        return;
    }
    let file = world.files.get_mut(path).expect("it was picked");
    let block = taken(file, dice, |_| true);
    let target = world.files.get_mut(target).expect("it was picked");
    let to = dice.roll(target.items.len() + 1);
    target.items.splice(to..to, block);
}

/// Where an item is that can be edited.
fn found(file: &File, dice: &mut Dice, wanted: impl Fn(&Item) -> bool) -> Option<usize> {
    let count = file.items.len();
    let start = dice.roll(count);
    let mut items = (0..count).map(|n| (start + n) % count);
    // The long one stays as it is: without it the file would be another one.
    items.find(|&at| file.items[at].len() < 50 && wanted(&file.items[at]))
}

/// Takes one to three items in a row out of a file that keeps some.
fn taken(file: &mut File, dice: &mut Dice, wanted: impl Fn(&Item) -> bool) -> Vec<Item> {
    let most = 1 + dice.roll(3);
    let at = found(file, dice, &wanted).filter(|_| file.items.len() > 6);
    let Some(at) = at else {
        return Vec::new();
    };
    let row = file.items[at..].iter().take(most);
    let count = row.take_while(|item| item.len() < 50 && wanted(item));
    let count = count.count();
    file.items.drain(at..at + count).collect()
}

/// Edits the text of a line: it is another one then.
fn edit(file: &mut File, id: u32, dice: &mut Dice, wanted: impl Fn(&Item) -> bool) {
    if let Some(at) = found(file, dice, wanted) {
        let line = &mut file.items[at][0];
        line.id = id;
        line.copied = false;
        line.text.push_str(&format!(" edited {id}"));
    }
}
