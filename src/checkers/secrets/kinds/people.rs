//! Owns the kinds of keys to chat, mail, payment and shop services, as data.

use super::super::checks::{braintree, discord_bot};
use super::{Class, Kind};

const fn k(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::Chat, name, shape)
}

const fn p(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::Payment, name, shape)
}

pub static KINDS: &[Kind] = &[
    k("Slack bot token", "xoxb-{d10-13}-{d10-13}-{w24}"),
    k("Slack bot token", "xoxb-{d10-13}-{w20-36}"),
    k(
        "Slack user token",
        "xoxp-{d10-13}-{d10-13}-{d10-13}-{w28-34}",
    ),
    k("Slack user token", "xoxp-{d10-13}-{d10-13}-{w20-36}"),
    k(
        "Slack user token",
        "xoxe-{d10-13}-{d10-13}-{d10-13}-{w28-34}",
    ),
    k("Slack refresh token", "xoxe-{d1}-{w140-180}"),
    k("Slack configuration token", "xoxe.xoxb-{d1}-{w160-170}"),
    k("Slack configuration token", "xoxe.xoxp-{d1}-{w160-170}"),
    k("Slack app token", "xapp-{d1}-{w9-13}-{d10-13}-{w64}"),
    k(
        "Slack session token",
        "xoxc-{d10-13}-{d10-13}-{d10-13}-{x64}",
    ),
    k("Slack session cookie", "xoxd-{b60-300}"),
    k(
        "Slack workspace token",
        "xoxa-{d1}-{d10-13}-{d10-13}-{d10-13}-{w28-34}",
    ),
    k("Slack workspace token", "xoxa-{d10-13}-{d10-13}-{w24}"),
    k("Slack refresh token", "xoxr-{d10-13}-{d10-13}-{w24}"),
    k(
        "Slack legacy token",
        "xoxo-{d10-13}-{d10-13}-{d10-13}-{x10-34}",
    ),
    k(
        "Slack legacy token",
        "xoxs-{d10-13}-{d10-13}-{d10-13}-{x10-34}",
    ),
    k(
        "Slack webhook",
        "hooks.slack.com/services/T{w8-12}/B{w8-12}/{w23-25}",
    )
    .medium(),
    k(
        "Slack workflow webhook",
        "hooks.slack.com/workflows/T{U8-12}/A{U8-12}/{d17-19}/{w24}",
    )
    .medium(),
    k(
        "Slack workflow trigger",
        "hooks.slack.com/triggers/{U9-13}/{d10-14}/{x32}",
    )
    .medium(),
    k(
        "Discord webhook",
        "discord.com/api/webhooks/{d17-20}/{u60-80}",
    )
    .medium(),
    k(
        "Discord webhook",
        "discordapp.com/api/webhooks/{d17-20}/{u60-80}",
    )
    .medium(),
    k("Discord bot token", "M{D1}{E1}{u21-25}.{u6}.{u27-38}").checked(discord_bot),
    k("Discord bot token", "N{D1}{E1}{u21-25}.{u6}.{u27-38}").checked(discord_bot),
    k("Discord bot token", "O{D1}{E1}{u21-25}.{u6}.{u27-38}").checked(discord_bot),
    k(
        "Teams webhook",
        "webhook.office.com/webhookb2/{G}@{G}/IncomingWebhook/{w32}/{G}",
    )
    .medium(),
    k(
        "Teams webhook",
        "outlook.office.com/webhook/{G}@{G}/IncomingWebhook/{w32}/{G}",
    )
    .medium(),
    k(
        "Zapier webhook",
        "hooks.zapier.com/hooks/catch/{d6-10}/{l6-12}",
    )
    .low(),
    k("Twilio API key", "SK{x32}"),
    k("SendGrid key", "SG.{u22}.{u43}"),
    k("SendGrid key", "SG.{z66}"),
    k("Mailgun key", "key-{x32}"),
    k("Brevo key", "xkeysib-{w64}-{w16}"),
    k("Brevo SMTP key", "xsmtpsib-{w64}-{w16}"),
    k("MailerSend token", "mlsn.{w64}"),
    k("Resend key", "re_{w8}_{w24}"),
    k("Courier key", "pk_prod_{w28}").medium(),
    k("OneSignal key", "os_v2_app_{w70-110}"),
    k("OneSignal organisation key", "os_v2_org_{w70-110}"),
    k("HubSpot token", "pat-{l2}{d1}-{G}").medium(),
    k("Beamer key", "b_{u44}").rare(),
    p("Stripe secret key", "sk_live_{w10-99}").critical(),
    p("Stripe restricted key", "rk_live_{w10-99}").critical(),
    p("Stripe organisation key", "sk_org_live_{w10-99}").critical(),
    p("Stripe test key", "sk_test_{w10-99}").low(),
    p("Stripe restricted test key", "rk_test_{w10-99}").low(),
    p("Stripe webhook secret", "whsec_{q32-64}"),
    p("Square access token", "EAAA{u60}"),
    p("Square access token", "sq0atp-{u22}"),
    p("Square OAuth secret", "sq0csp-{u43}"),
    p(
        "Braintree access token",
        "access_token$production${l16}${x32}",
    )
    .critical()
    .checked(braintree),
    p(
        "Braintree sandbox token",
        "access_token$sandbox${l16}${x32}",
    )
    .low(),
    p("Plaid access token", "access-production-{G}").critical(),
    p("Plaid access token", "access-development-{G}").medium(),
    p("Plaid access token", "access-sandbox-{G}").low(),
    p("Flutterwave secret key", "FLWSECK-{w32}-X"),
    p("Flutterwave test key", "FLWSECK_TEST-{w32}-X").low(),
    p("Flutterwave test key", "FLWSECK_TEST-{w12}").low(),
    p("EasyPost key", "EZAK{w54}"),
    p("EasyPost test key", "EZTK{w54}").low(),
    p("Shippo key", "shippo_live_{w40}"),
    p("Shippo test key", "shippo_test_{w40}").low(),
    p("Duffel key", "duffel_live_{u43}"),
    p("Duffel test key", "duffel_test_{u43}").low(),
    p("GoCardless key", "live_{u40}").rare(),
    p("Adyen key", "AQE{q80-200}").rare(),
    p("Razorpay key", "rzp_live_{w14}"),
    p("Razorpay test key", "rzp_test_{w14}").low(),
    p("Lob key", "live_{x35}").rare(),
    p("Lob test key", "test_{x35}").rare().low(),
    p("Shopify access token", "shpat_{h32}"),
    p("Shopify custom app token", "shpca_{h32}"),
    p("Shopify private app token", "shppa_{h32}"),
    p("Shopify shared secret", "shpss_{h32}"),
    p("Facebook access token", "EAA{w100-300}").medium(),
    p("Paddle key", "pdl_live_apikey_{w26}_{w22}_{w3}").critical(),
    p("Paddle sandbox key", "pdl_sdbx_apikey_{w26}_{w22}_{w3}").low(),
    p("Polar token", "polar_oat_{w30-60}"),
    p("Polar personal token", "polar_pat_{w30-60}"),
    p("Branch key", "key_live_{w32}"),
    p("Checkout.com key", "sk_sbox_{l26-27}").low(),
    p("Fleetbase key", "flb_live_{w20}").medium(),
    p("Pagar.me key", "ak_live_{w30}"),
    p("Polar token", "polar_at_{w30-60}"),
    p("Midtrans server key", "Mid-server-{u16-24}"),
    p("Checkout.com key", "sk_{G}").medium(),
    p("Mollie key", "live_{w30}").rare(),
];
