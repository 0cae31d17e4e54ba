//! Owns the kinds of keys that have no form of their own: so many characters of an alphabet, and the vendor's name beside them.
//! The kinds are data. Knows how a value is tied to its name, and no file.

use std::ops::Range;
use std::sync::LazyLock;

use crate::model::rule::Severity;

use super::class::Class;
use super::found::Found;
use super::shape::Shape;
use super::{rarity, words};

/// A kind that only the words around it tell.
struct Kind {
    name: &'static str,
    /// Words, in lower case, one of which stands before the value on its line or names its variable.
    near: &'static [&'static str],
    shape: &'static str,
    severity: Severity,
}

const fn k(name: &'static str, near: &'static [&'static str], shape: &'static str) -> Kind {
    let severity = Severity::High;
    Kind {
        name,
        near,
        shape,
        severity,
    }
}

const fn critical(name: &'static str, near: &'static [&'static str], shape: &'static str) -> Kind {
    let severity = Severity::Critical;
    Kind {
        name,
        near,
        shape,
        severity,
    }
}

static KINDS: &[Kind] = &[
    critical(
        "AWS secret access key",
        &[
            "aws",
            "secretaccesskey",
            "secret_access_key",
            "s3_secret",
            "s3secret",
        ],
        "{b40}",
    ),
    critical(
        "Azure storage account key",
        &["accountkey", "account_key", "azure", "storage"],
        "{b86}==",
    ),
    critical(
        "Azure Service Bus key",
        &["sharedaccesskey", "servicebus", "eventhub", "iothub"],
        "{b43}=",
    ),
    k("Azure client secret", &[""], "{u3}{d1}Q~{z31-34}"),
    k(
        "Azure DevOps token",
        &["azure", "devops", "vsts", "visualstudio", "ado_", "azdo"],
        "{l52}",
    ),
    k(
        "Alibaba access key secret",
        &["alibaba", "aliyun", "alicloud", "oss_", "ali_"],
        "{w30}",
    ),
    k(
        "Tencent secret key",
        &["tencent", "qcloud", "cos_"],
        "{w32}",
    ),
    k("IBM Cloud key", &["ibm", "bluemix", "watson"], "{u42-44}"),
    k("Scaleway secret key", &["scaleway", "scw"], "{G}"),
    k("Heroku API key", &["heroku"], "{G}"),
    k("Snyk token", &["snyk"], "{G}"),
    k("Codecov token", &["codecov"], "{G}"),
    k("Postmark server token", &["postmark"], "{G}"),
    k("Sendbird token", &["sendbird"], "{x40}"),
    k("npm token", &["_authtoken"], "{G}"),
    k("Civo key", &["civo"], "{w50}"),
    k("Vercel token", &["vercel", "zeit"], "{w24}"),
    k("Netlify token", &["netlify"], "{u40-46}"),
    k(
        "Cloudflare API token",
        &["cloudflare", "cf_api", "cf-api"],
        "{u40}",
    ),
    k(
        "Cloudflare global key",
        &["cloudflare", "cf_api", "cf-api", "x-auth-key"],
        "{x37}",
    ),
    k(
        "Datadog API key",
        &["datadog", "dd_api", "dd-api", "ddapi"],
        "{x32}",
    ),
    k(
        "Datadog application key",
        &["datadog", "dd_app", "dd-app"],
        "{x40}",
    ),
    k(
        "New Relic license key",
        &["newrelic", "new_relic", "new-relic", "nr_"],
        "{h36}NRAL",
    ),
    k(
        "New Relic license key",
        &["newrelic", "new_relic", "new-relic"],
        "{x40}",
    ),
    k("Honeycomb key", &["honeycomb"], "{w22}"),
    k("Honeycomb key", &["honeycomb"], "{x32}"),
    k(
        "Sentry token",
        &["sentry_auth", "sentry-auth", "sentry_token"],
        "{x64}",
    ),
    k("Twilio auth token", &["twilio", "tw_auth"], "{x32}"),
    k("Mailgun key", &["mailgun"], "{x32}-{x8}-{x8}"),
    k("Mailgun key", &["mailgun"], "{x32}"),
    k(
        "Mailchimp key",
        &["mailchimp", "mandrill"],
        "{x32}-us{d1-2}",
    ),
    k("Mandrill key", &["mandrill"], "{u22}"),
    k("SparkPost key", &["sparkpost"], "{x40}"),
    k("Mailjet key", &["mailjet", "mj_"], "{x32}"),
    k("Intercom token", &["intercom"], "{u60}"),
    k("Zendesk token", &["zendesk"], "{w40}"),
    k("Freshdesk key", &["freshdesk"], "{w20}"),
    k("Meraki key", &["meraki"], "{x40}"),
    k("PagerDuty key", &["pagerduty", "pager_duty"], "{u20}"),
    k("Opsgenie key", &["opsgenie"], "{G}"),
    k("Travis token", &["travis"], "{u22}"),
    k("Drone token", &["drone"], "{w32}"),
    k("CircleCI token", &["circle"], "{x40}"),
    k("Jenkins token", &["jenkins"], "{x32-34}"),
    k("Bitbucket client secret", &["bitbucket"], "{u32}"),
    k("Bitbucket client secret", &["bitbucket"], "{w18}"),
    k(
        "Atlassian API token",
        &["atlassian", "jira", "confluence"],
        "{w24}",
    ),
    k("Coveralls token", &["coveralls"], "{w32-36}"),
    k("Codacy token", &["codacy"], "{x32}"),
    k(
        "GitHub token of the old form",
        &["github", "gh_token", "gh-token"],
        "{x40}",
    ),
    k("GitLab token of the old form", &["gitlab"], "{u20}"),
    k("Gitea token", &["gitea", "forgejo"], "{x40}"),
    k("Slack signing secret", &["slack"], "{x32}"),
    k("Discord client secret", &["discord"], "{u32}"),
    k(
        "Facebook app secret",
        &["facebook", "fb_", "fbapp"],
        "{x32}",
    ),
    k(
        "X consumer key",
        &["twitter", "tweepy", "consumer_key", "consumerkey"],
        "{w25}",
    ),
    k(
        "X consumer secret",
        &["twitter", "tweepy", "consumer_secret", "consumersecret"],
        "{w50}",
    ),
    k(
        "X access token secret",
        &["twitter", "tweepy", "access_token_secret", "access_secret"],
        "{w45}",
    ),
    k(
        "X bearer token",
        &["twitter", "bearer"],
        "AAAAAAAAAAAAAAAAAAAAA{q60-110}",
    ),
    k("LinkedIn client secret", &["linkedin"], "{w16}"),
    k("Instagram token", &["instagram"], "{x32}"),
    k("Spotify client secret", &["spotify"], "{x32}"),
    k("Twitch client secret", &["twitch"], "{l30}"),
    k("Reddit client secret", &["reddit"], "{u27-30}"),
    k("Dropbox app secret", &["dropbox"], "{l15}"),
    k("Box client secret", &["box_"], "{w32}"),
    k("Asana client secret", &["asana"], "{x32}"),
    k("Trello key", &["trello"], "{x32}"),
    k("Trello token", &["trello"], "{x64}"),
    k("Airtable key", &["airtable"], "key{w14}"),
    k("Contentful token", &["contentful"], "{u43}"),
    k("Algolia key", &["algolia"], "{x32}"),
    k("Mapbox token", &["mapbox"], "pk.{u60-200}.{u22}"),
    k("OpenWeather key", &["openweather", "owm_"], "{x32}"),
    k("Giphy key", &["giphy"], "{w32}"),
    k("Pusher secret", &["pusher"], "{x20}"),
    k("Ably key", &["ably"], "{u6}.{u6}:{u43}"),
    k(
        "Firebase server key",
        &["firebase", "fcm", "gcm"],
        "AAAA{u7}:{u140}",
    ),
    k("Okta token", &["okta"], "00{u40}"),
    k("Auth0 client secret", &["auth0"], "{u64}"),
    k("Plaid secret", &["plaid"], "{x30}"),
    k("Coinbase key", &["coinbase"], "{u64}"),
    k("Kraken key", &["kraken"], "{b80-90}=="),
    k("Binance key", &["binance"], "{w64}"),
    k("Bittrex key", &["bittrex"], "{w32}"),
    k(
        "Etherscan key",
        &["etherscan", "bscscan", "polygonscan"],
        "{U34}",
    ),
    k("Infura key", &["infura"], "{x32}"),
    k("Alchemy key", &["alchemy"], "{u32}"),
    k(
        "Ethereum private key",
        &[
            "eth",
            "wallet",
            "private_key",
            "privatekey",
            "mnemonic",
            "deployer",
        ],
        "0x{h64}",
    ),
    k("Mistral key", &["mistral"], "{w32}"),
    k("Cohere key", &["cohere", "co_api"], "{w40}"),
    k("DeepSeek key", &["deepseek"], "sk-{x32}"),
    k("Weights & Biases key", &["wandb"], "{x40}"),
    k("Deepgram key", &["deepgram"], "{x40}"),
    k("AssemblyAI key", &["assemblyai"], "{x32}"),
    k("Confluent secret", &["confluent", "ccloud"], "{b64}"),
    k("Elastic API key", &["elastic", "es_api"], "{q56-60}"),
    k("LaunchDarkly key", &["launchdarkly"], "{u40}"),
    k("Rollbar token", &["rollbar"], "{x32}"),
    k("Bugsnag key", &["bugsnag"], "{x32}"),
    k("Loggly token", &["loggly"], "{G}"),
    k("Logz.io token", &["logzio", "logz"], "{w32}"),
    k("Sumo Logic key", &["sumo"], "{w64}"),
    k("Fastly token", &["fastly"], "{u32}"),
    k("Akamai client secret", &["akamai", "edgegrid"], "{b43}="),
    k("Linode token", &["linode"], "{x64}"),
    k("Hetzner token", &["hetzner", "hcloud"], "{w64}"),
    k("Vultr key", &["vultr"], "{U36}"),
    k("OVH application secret", &["ovh"], "{w32}"),
    k("Gandi key", &["gandi"], "{w24}"),
    k("Zoom secret", &["zoom"], "{w32}"),
    k("Lark secret", &["lark", "feishu"], "{w32}"),
    k("DingTalk secret", &["dingtalk", "dingding"], "SEC{x64}"),
    k("WeChat secret", &["wechat", "weixin", "wx_"], "{x32}"),
    k("Baidu key", &["baidu"], "{w32}"),
    k("OpenShift token", &[""], "sha256~{u43}"),
    k("Figma token", &["figma"], "{d4}-{G}"),
    k("Klaviyo key", &["klaviyo"], "pk_{w34}"),
    k("Plivo token", &["plivo"], "{w40}"),
    k(
        "Datadog application key",
        &["datadog", "dd_app", "dd-app"],
        "{w40}",
    ),
    k("OVH application key", &["ovh"], "{w16}"),
    k("SSLMate key", &["sslmate"], "{w36}"),
    k("Z.ai key", &["zai_"], "{x32}.{w16}"),
    k("Infomaniak token", &["infomaniak"], "{u60-90}"),
    k("FullStory key", &["fullstory"], "eu1.{w20-60}"),
    k("Adafruit key", &["adafruit"], "{u32}"),
    k("Adobe client secret", &["adobe"], "{x32}"),
    k("Airtable key", &["airtable"], "{w17}"),
    k("Algolia key", &["algolia"], "{w32}"),
    k("Asana client secret", &["asana"], "{w32}"),
    k("Bitbucket client secret", &["bitbucket"], "{u64}"),
    k("Bitly token", &["bitly"], "{w40}"),
    k("Codecov token", &["codecov"], "{w32}"),
    k("Cloudflare global key", &["cloudflare"], "{w37}"),
    k("Confluent secret", &["confluent"], "{w64}"),
    k("Confluent key", &["confluent"], "{w16}"),
    k("Coveralls token", &["coveralls"], "{w37}"),
    k("Customer.io key", &["customer.io", "customerio"], "{x20}"),
    k("Deepgram key", &["deepgram"], "{w40}"),
    k("Diffbot key", &["diffbot"], "{w32}"),
    k("Discord client secret", &["discord"], "{x64}"),
    k(
        "Dropbox long-lived token",
        &["dropbox"],
        "{w11}AAAAAAAAAA{u43}",
    ),
    k("Droneci token", &["droneci"], "{w32}"),
    k("Etsy key", &["etsy"], "{w24}"),
    k("Facebook app token", &["facebook"], "{d15-16}|{u27-40}"),
    k("Fastly token", &["fastly"], "{z32}"),
    k("Finicity token", &["finicity"], "{w20}"),
    k("Finicity token", &["finicity"], "{w32}"),
    k("Finnhub token", &["finnhub"], "{w20}"),
    k("Flickr key", &["flickr"], "{w32}"),
    k("Freshbooks token", &["freshbooks"], "{w64}"),
    k("Freemius key", &["freemius", "sk_"], "sk_{z29}"),
    k("Gitter token", &["gitter"], "{u40}"),
    k("Gumroad token", &["gumroad"], "{u43}"),
    k("Gumroad token", &["gumroad"], "{x64}"),
    k("Here key", &["hereapi", "here_api"], "{u43}"),
    k("HubSpot key", &["hubspot"], "{G}"),
    k("Infura key", &["infura"], "{w32}"),
    k("Intercom token", &["intercom"], "{z60}"),
    k(
        "JFrog key",
        &["jfrog", "artifactory", "bintray", "xray"],
        "{w73}",
    ),
    k(
        "JFrog identity token",
        &["jfrog", "artifactory", "bintray", "xray"],
        "{w64}",
    ),
    k("JumpCloud key", &["jumpcloud"], "{w40}"),
    k("Kickbox key", &["kickbox"], "{w60-70}"),
    k("Kraken key", &["kraken"], "{q80-90}"),
    k("KuCoin key", &["kucoin"], "{x24}"),
    k("KuCoin secret", &["kucoin"], "{G}"),
    k("LaunchDarkly key", &["launchdarkly"], "{z40}"),
    k("Linear client secret", &["linear"], "{x32}"),
    k("LinkedIn client secret", &["linkedin"], "{w16}"),
    k("Lokalise key", &["lokalise"], "{w40}"),
    k("Looker client secret", &["looker"], "{w24}"),
    k("Looker client id", &["looker"], "{w20}"),
    k("Mailchimp key", &["mailchimp"], "{w32}-us{d1-2}"),
    k("Mailgun key", &["mailgun"], "{w32}-{w8}-{w8}"),
    k("MapQuest key", &["mapquest"], "{w32}"),
    k("Mattermost token", &["mattermost"], "{w26}"),
    k("MaxMind key", &["maxmind", "mmk"], "{w6}_{w29}_mmk"),
    k("MessageBird key", &["messagebird"], "{w25}"),
    k("MessageBird id", &["messagebird"], "{G}"),
    k("MiniMax key", &["minimax"], "{u40-200}"),
    k("monday.com token", &["monday"], "{z60-400}"),
    k(
        "New Relic key",
        &["newrelic", "new-relic", "new_relic"],
        "{w64}",
    ),
    k(
        "New York Times key",
        &["nytimes", "new-york-times", "newyorktimes"],
        "{u32}",
    ),
    k("ngrok token", &["ngrok"], "{w27}_{w20-21}"),
    k("NASA key", &["nasa"], "{w40}"),
    k("NVIDIA key", &["nvidia"], "{u60-84}"),
    k("Okta token", &["okta"], "{u42}"),
    k("Ollama key", &["ollama"], "{x32}.{u24}"),
    k("OpenWeather key", &["pyowm"], "{w32}"),
    k(
        "PagerDuty key",
        &["pagerduty", "pager_duty", "pd_"],
        "{z20}",
    ),
    k("Pastebin key", &["pastebin"], "{w32}"),
    k("PayPal client secret", &["paypal"], "{u80}"),
    k("Pendo key", &["pendo"], "{w40}"),
    k("Plaid client id", &["plaid"], "{w24}"),
    k("Plaid secret", &["plaid"], "{w30}"),
    k(
        "PrivateAI key",
        &["privateai", "private_ai", "private-ai"],
        "{w32}",
    ),
    k("RapidAPI key", &["rapidapi"], "{w50}"),
    k("Sauce key", &["sauce"], "{G}"),
    k("Sendbird token", &["sendbird"], "{w40}"),
    k("Sendbird id", &["sendbird"], "{G}"),
    k("Sentry token", &["sentry"], "{x64}"),
    k("Shodan key", &["shodan"], "{w32}"),
    k("Snowflake token", &["snowflake"], "{z120-300}"),
    k("Sonar token", &["sonar"], "{x40}"),
    k("Sonar token", &["sonar"], "{u40}"),
    k("Sourcegraph token", &["sourcegraph", "sgp"], "{x40}"),
    k("Squarespace token", &["squarespace"], "{G}"),
    k(
        "Stability key",
        &["stability", "stable_diffusion"],
        "sk-{w48}",
    ),
    k("Sumo Logic id", &["sumo"], "su{w12}"),
    k("Statuspage key", &["statuspage"], "{x64}"),
    k("Travis token", &["travis"], "{w22}"),
    k("Twitch token", &["twitch"], "{w30}"),
    k("Twitch stream key", &["twitch"], "live_{d9}_{w30}"),
    k("X access token", &["twitter"], "{d15-25}-{w20-40}"),
    k("VirusTotal key", &["virustotal", "vt_"], "{x64}"),
    k("WakaTime key", &["wakatime"], "{G}"),
    k("WPEngine key", &["wpengine"], "{G}"),
    k("Yandex key", &["yandex"], "AQVN{u35-38}"),
    k("Zendesk token", &["zendesk"], "{w40}"),
    k("Zhipu key", &["zhipu", "glm_"], "{x32}.{w16}"),
    k("Zoho token", &["zoho"], "1000.{x32}.{x32}"),
    k(
        "Postmark server token",
        &["postmark"],
        "{w8}-{w4}-{w4}-{w4}-{w12}",
    ),
    k("Cypress record key", &["cypress"], "{G}"),
    k("Anypoint key", &["anypoint"], "{G}"),
    k("AI21 key", &["ai21"], "{G}"),
    k("Exa key", &["exa_"], "{G}"),
    k("Iterable key", &["iterable"], "{h32}"),
    k("Keen key", &["keen"], "{h64}"),
    k("Help Scout secret", &["helpscout", "help_scout"], "{h32}"),
    k("Jotform key", &["jotform"], "{w32}"),
    k("Ipstack key", &["ipstack"], "{x32}"),
    k("PackageCloud token", &["packagecloud"], "{x48}"),
    k("Polymarket secret", &["polymarket"], "{u43}="),
    k(
        "WireGuard key",
        &["wireguard", "presharedkey", "wg_"],
        "{b43}=",
    ),
    k("Polygon key", &["polygon"], "{w32}"),
    k("Cohere key", &["cohere"], "{w40}"),
    k("Clarifai key", &["clarifai"], "{w32}"),
    k("App Center token", &["appcenter", "app_center"], "{x40}"),
    k("Code Climate token", &["codeclimate"], "{x64}"),
];

static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| KINDS.iter().map(|kind| Shape::new(kind.shape)).collect());

/// The vendor's key that the value at `range` is. `near` is what stands before it on its line, in lower case.
#[must_use]
pub fn judge(bytes: &[u8], range: &Range<usize>, near: &str) -> Option<Found> {
    let value = &bytes[range.clone()];
    // The emulator of Azure storage has one key for everybody.
    let public = value.starts_with(b"Eby8vdM02xNOcqFl");
    if public || value.len() < 15 || rarity::variety(value) < 7 {
        return None;
    }
    let fits = |(kind, shape): &(&'static Kind, &Shape)| {
        shape.end(value, 0) == Some(value.len())
            && kind.near.iter().any(|word| words::begins_in(near, word))
    };
    let (kind, _) = KINDS.iter().zip(SHAPES.iter()).find(fits)?;
    let found = Found::new(range.clone(), Class::Contextual, kind.name);
    Some(found.graded(kind.severity))
}

/// Is the value, hexadecimal, at most half as long as the keys of the vendor that is named beside it, which are hexadecimal, too?
#[must_use]
pub fn is_too_short(value: &[u8], near: &str) -> bool {
    let digits = |kind: &Kind| -> Option<usize> {
        let length = kind
            .shape
            .strip_prefix("{x")
            .or_else(|| kind.shape.strip_prefix("{h"))?;
        length.strip_suffix('}')?.parse().ok()
    };
    let mut kinds = KINDS
        .iter()
        .filter(|kind| {
            let mut near_by = kind.near.iter().filter(|word| !word.is_empty());
            near_by.any(|word| words::begins_in(near, word))
        })
        .peekable();
    value.iter().all(u8::is_ascii_hexdigit)
        && kinds.peek().is_some()
        && kinds.all(|kind| digits(kind).is_some_and(|length| value.len() * 2 <= length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_can_be_read() {
        assert_eq!(SHAPES.len(), KINDS.len());
        for kind in KINDS {
            assert!(
                kind.near
                    .iter()
                    .all(|word| word.to_ascii_lowercase() == **word)
            );
        }
    }

    fn check(near: &str, value: &str, expected: Option<&str>) {
        let found = judge(value.as_bytes(), &(0..value.len()), near);
        assert_eq!(
            found.map(|f| f.kind.into_owned()).as_deref(),
            expected,
            "{near}"
        );
    }

    #[test]
    fn the_words_tell() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015";
        check("datadog_api_key = ", hex, Some("Datadog API key"));
        check("checksum = ", hex, None);
        check(
            "datadog_api_key = ",
            "00000000000000000000000000000000",
            None,
        );
        check("mailbox_id = ", hex, None);
        assert!(is_too_short(b"a3b8f29e4d1c6a05", "iterable_api_key="));
        assert!(!is_too_short(b"a3b8f29e4d1c6a05", "payment_api_key="));
        assert!(!is_too_short(b"a3b8f29e4d1c6a05b7", "iterable_api_key="));
    }
}
