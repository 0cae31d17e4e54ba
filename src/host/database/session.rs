//! Owns one session on a database: every request is bounded by the session's time and by the run's end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_core::Stream as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, SimpleQueryMessage, Statement};

use crate::check::ports::{Refusal, Row, Session, Timed, Work};
use crate::model::fault::{Fault, FaultKind};

use super::super::interrupt::{Cancel, Urgency, cancelled};
use super::super::runtime;
use super::address::one_line;
use super::tls::Connector;
use super::value::{Parameter, Text};

/// How long the server is given to end a statement that nobody waits for any more.
const FAREWELL: Duration = Duration::from_secs(2);

/// A session.
pub struct Open {
    client: Arc<Client>,
    tls: Connector,
    shown: String,
    until: Instant,
    timeout: Duration,
    cancel: Cancel,
}

/// The fault of what took too long.
pub fn too_slow(what: &str, timeout: Duration) -> Fault {
    let within = crate::base::words::duration(timeout);
    Fault::new(
        FaultKind::Timeout,
        format!("the database {what} gave no answer within {within}"),
        "look at what the server is busy with, or raise `timeout`",
    )
}

impl Open {
    /// A session over a connection that was just made.
    pub fn new(
        client: Client,
        tls: Connector,
        shown: String,
        until: Instant,
        timeout: Duration,
        cancel: Cancel,
    ) -> Self {
        Self {
            client: Arc::new(client),
            tls,
            shown,
            until,
            timeout,
            cancel,
        }
    }

    /// Waits for an answer, and tells the server when nobody waits any more.
    fn wait<F, T>(&self, request: F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        let left = self.until.saturating_duration_since(Instant::now());
        let (cancel, shown, timeout) = (self.cancel.clone(), self.shown.clone(), self.timeout);
        let (token, tls) = (self.client.cancel_token(), self.tls.clone());
        let answer = runtime::wait(async move {
            let lost = tokio::select! {
                biased;
                () = cancel.until(Urgency::Soon) => cancelled(&shown),
                answer = tokio::time::timeout(left, request) => match answer {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(problem)) => return Err(refusal(&shown, &problem)),
                    Err(_) => too_slow(&shown, timeout),
                },
            };
            // Whether this works changes nothing of the answer.
            drop(tokio::time::timeout(FAREWELL, token.cancel_query(tls)).await);
            Err(Refusal::Lost(lost))
        });
        answer.map_err(Refusal::Lost)?
    }
}

fn refusal(shown: &str, problem: &Error) -> Refusal {
    if let Some(said) = problem.as_db_error() {
        return Refusal::Server {
            code: said.code().code().to_owned(),
            message: one_line(said.message()),
        };
    }
    let mut text = problem.to_string();
    if let Some(cause) = std::error::Error::source(problem) {
        text = format!("{text}: {cause}");
    }
    Refusal::Lost(Fault::new(
        FaultKind::ToolFailed,
        format!("the database {shown} gave no answer: {}", one_line(&text)),
        "see the server's log",
    ))
}

fn parameters(all: &[Option<String>]) -> Vec<Parameter> {
    all.iter().cloned().map(Parameter).collect()
}

fn borrowed(all: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    all.iter().map(|one| one as &(dyn ToSql + Sync)).collect()
}

/// Runs a prepared statement to its end; how many rows came, or were changed.
async fn count(client: &Client, statement: &Statement, given: &[Parameter]) -> Result<u64, Error> {
    let mut rows = pin!(client.query_raw(statement, borrowed(given)).await?);
    let mut came = 0;
    while let Some(row) = poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
        row?;
        came += 1;
    }
    Ok(if statement.columns().is_empty() {
        rows.rows_affected().unwrap_or(0)
    } else {
        came
    })
}

impl Session for Open {
    fn name(&self) -> &str {
        &self.shown
    }

    fn script(&mut self, sql: &str) -> Result<Vec<Row>, Refusal> {
        let (client, sql) = (Arc::clone(&self.client), sql.to_owned());
        self.wait(async move {
            let said = client.simple_query(&sql).await?;
            let mut rows = Vec::new();
            for message in said {
                if let SimpleQueryMessage::Row(row) = message {
                    let columns = 0..row.len();
                    rows.push(columns.map(|n| row.get(n).map(str::to_owned)).collect());
                }
            }
            Ok(rows)
        })
    }

    fn statement(&mut self, sql: &str, given: &[Option<String>]) -> Result<Vec<Row>, Refusal> {
        let (client, sql) = (Arc::clone(&self.client), sql.to_owned());
        let given = parameters(given);
        self.wait(async move {
            let statement = client.prepare(&sql).await?;
            let mut all = Vec::new();
            for row in client.query(&statement, &borrowed(&given)).await? {
                let columns = 0..row.len();
                let read = columns.map(|n| {
                    let text: Option<Text> = row.try_get(n)?;
                    Ok(text.map(|text| text.0))
                });
                all.push(read.collect::<Result<Row, Error>>()?);
            }
            Ok(all)
        })
    }

    fn time(&mut self, work: &Work<'_>) -> Result<Vec<Timed>, Refusal> {
        let client = Arc::clone(&self.client);
        let given = parameters(work.parameters);
        let (sql, times) = (work.sql.to_owned(), work.times);
        let (before, after) = (work.before.to_owned(), work.after.to_owned());
        self.wait(async move {
            let statement = client.prepare(&sql).await?;
            let mut all = Vec::new();
            for _ in 0..times {
                client.batch_execute(&before).await?;
                let start = Instant::now();
                let rows = count(&client, &statement, &given).await?;
                let wall = start.elapsed();
                client.batch_execute(&after).await?;
                all.push(Timed { wall, rows });
            }
            Ok(all)
        })
    }
}
