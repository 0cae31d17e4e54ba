//! Owns where qgate works: the root, its repository, and the configuration's request. Judges nothing.

use std::path::{Path, PathBuf};

use super::Usage;
use super::args::{Global, PlanArgs};
use crate::base::node::Problem;
use crate::config::layer::ROOTS;
use crate::config::plan::Plan;
use crate::config::{GateFiles, Request, load};
use crate::host::gate_files::OnDisk;
use crate::host::git::Repository;
use crate::host::terminal;
use crate::model::fault::Fault;

/// Where qgate works.
pub struct Site {
    /// The folder that is judged, absolute: the repository's root, or the folder itself where there is no repository.
    pub root: PathBuf,
    /// The repository; `None` where there is none, a fault where nobody can say.
    pub repository: Result<Option<Repository>, Fault>,
}

/// Gate files with problems: shown whole, they end in exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has problems")]
pub struct BadConfig(pub Vec<Problem>);

impl Site {
    /// The site that the command line names.
    ///
    /// # Errors
    /// When the folder is not there ([`Usage`]).
    pub fn open(global: &Global) -> anyhow::Result<Self> {
        let folder = global.directory.as_deref().unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|problem| {
            Usage::new(
                format!("`{}` cannot be opened: {problem}", folder.display()),
                "name a folder that is there with -C",
            )
        })?;
        if !folder.is_dir() {
            let message = format!("`{}` is no folder", folder.display());
            return Err(Usage::new(message, "name a folder with -C").into());
        }
        let repository = Repository::discover(&folder);
        let root = match &repository {
            Ok(Some(repository)) => repository.root().to_owned(),
            Ok(None) | Err(_) => folder,
        };
        Ok(Self { root, repository })
    }

    /// The repository; `None` where there is none.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn repository(&self) -> Result<Option<&Repository>, Fault> {
        self.repository
            .as_ref()
            .map(Option::as_ref)
            .map_err(Clone::clone)
    }

    /// The gate files of this site.
    #[must_use]
    pub fn files(&self) -> OnDisk {
        OnDisk::new(self.root.clone())
    }

    /// What the command line asks of the configuration, gates aside.
    ///
    /// # Errors
    /// When `--config` names a file that is not there or whose name is no text ([`Usage`]).
    pub fn request(&self, global: &Global, plan: &PlanArgs) -> anyhow::Result<Request> {
        let config = match &global.config {
            Some(path) => Some(self.config(global, path)?),
            None => self.nearest(global),
        };
        Ok(Request {
            config,
            stage: plan.stage.clone(),
            ci: terminal::in_ci(),
            environment: plan.env.clone(),
            gates: Vec::new(),
            set: plan.set.clone(),
            strict: plan.strict,
        })
    }

    /// The plan for these flags and gates.
    ///
    /// # Errors
    /// When the gate files have problems ([`BadConfig`]), and as [`Site::request`].
    pub fn plan(&self, global: &Global, args: &PlanArgs, gates: &[String]) -> anyhow::Result<Plan> {
        self.plan_from(&self.files(), global, args, gates)
    }

    /// As [`Site::plan`], from gate files that lie elsewhere than on disk.
    ///
    /// # Errors
    /// As [`Site::plan`].
    pub fn plan_from(
        &self,
        files: &dyn GateFiles,
        global: &Global,
        args: &PlanArgs,
        gates: &[String],
    ) -> anyhow::Result<Plan> {
        let mut request = self.request(global, args)?;
        request.gates = gates.to_vec();
        let mut plan = load(&request, files, &terminal::variable).map_err(BadConfig)?;
        // A gate file from elsewhere does not make this repository one that knows qgate: nothing is written into it.
        let elsewhere = |config: &String| Path::new(config).is_absolute();
        plan.configured &= !request.config.as_ref().is_some_and(elsewhere);
        Ok(plan)
    }

    /// The gate file nearest to the working folder on the way up to the root; `None` at the root itself, where the
    /// configuration looks on its own.
    fn nearest(&self, global: &Global) -> Option<String> {
        let start = global.directory.as_deref().unwrap_or(Path::new("."));
        let start = start.canonicalize().ok()?;
        let below = start
            .ancestors()
            .take_while(|folder| *folder != self.root && folder.starts_with(&self.root));
        let found = below
            .flat_map(|folder| ROOTS.map(|name| folder.join(name)))
            .find(|file| file.is_file())?;
        let relative = found.strip_prefix(&self.root).ok()?;
        Some(relative.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
    }

    /// A path as `--config` gives it is relative to where the command line stands; the loader takes it from the root.
    fn config(&self, global: &Global, path: &Path) -> Result<String, Usage> {
        let from = global.directory.as_deref().unwrap_or(Path::new("."));
        let wrong = |why: &str| {
            let message = format!("the gate file `{}` {why}", path.display());
            Usage::new(message, "name a gate file that is there with --config")
        };
        let absolute = from
            .join(path)
            .canonicalize()
            .map_err(|problem| wrong(&format!("cannot be opened: {problem}")))?;
        let named = absolute.strip_prefix(&self.root).unwrap_or(&absolute);
        let text = named
            .to_str()
            .ok_or_else(|| wrong("has a name that is not UTF-8"))?;
        Ok(text.replace(std::path::MAIN_SEPARATOR, "/"))
    }
}

/// What would cure the problem, if it says so.
#[must_use]
pub fn cure(problem: &anyhow::Error) -> Option<&str> {
    let usage = problem
        .downcast_ref::<Usage>()
        .map(|usage| usage.help.as_str());
    let fault = || {
        problem
            .downcast_ref::<Fault>()
            .map(|fault| fault.cure.as_str())
    };
    usage.or_else(fault).filter(|cure| !cure.is_empty())
}
