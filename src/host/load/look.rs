//! Owns one look at a service: a request on a connection of its own, with the certificate that was shown. Follows nothing.

use std::time::{Duration, Instant};

use crate::check::load::Call;
use crate::check::ports::Look;
use crate::check::target::Hosts;
use crate::model::fault::Fault;

use super::connect::Route;
use super::exchange::{Lost, Ready};
use super::tls::{Secure, Shown};

/// Looks once. That nobody answers is told, and no error.
pub(in crate::host) async fn look(
    call: &Call,
    hosts: &Hosts,
    timeout: Duration,
) -> Result<Look, Fault> {
    let ready = Ready::new(call)?;
    let secure = Secure::of(&call.target)?;
    let start = Instant::now();
    let mut shown = Shown::default();
    let asked = tokio::time::timeout(timeout, ask(call, &ready, hosts, secure, &mut shown)).await;
    let mut look = Look {
        wall: start.elapsed(),
        certificate: shown.certificate,
        distrust: shown.distrust,
        ..Look::default()
    };
    match asked {
        Ok(Ok(came)) => {
            look.status = Some(came.status);
            look.headers = came.headers;
            look.body = came.body;
        }
        Ok(Err(why)) => look.problem = Some(why),
        Err(_) => {
            let time = crate::base::words::duration(timeout);
            look.problem = Some(format!("no answer within {time}"));
        }
    }
    Ok(look)
}

async fn ask(
    call: &Call,
    ready: &Ready,
    hosts: &Hosts,
    secure: Option<Secure>,
    shown: &mut Shown,
) -> Result<super::exchange::Came, String> {
    let route = Route::find(&call.target, hosts, secure).await?;
    let (opened, told) = route.connect_and_tell().await;
    *shown = told;
    let mut opened = opened.map_err(|trouble| trouble.what)?;
    let carrier = tokio::spawn(opened.carrier);
    let came = ready.send(&mut opened.sender, true).await;
    carrier.abort();
    came.map_err(|lost| match lost {
        Lost::Unsent | Lost::Closed => "the connection was closed without an answer".to_owned(),
        Lost::Failed(_, what) | Lost::Own(what) => what,
    })
}
