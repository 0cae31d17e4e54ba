//! Owns the kinds of keys to monitoring, data and other services, and to model providers, as data.

use super::super::checks::{anthropic, json_behind, openai, openai_legacy};
use super::{Class, Kind};

const fn k(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::Service, name, shape)
}

const fn a(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::Ai, name, shape)
}

pub static KINDS: &[Kind] = &[
    a("OpenAI key", "sk-{w20}T3BlbkFJ{w20}").critical(),
    a("OpenAI project key", "sk-proj-{u40-200}")
        .critical()
        .checked(openai),
    a("OpenAI service account key", "sk-svcacct-{u40-200}")
        .critical()
        .checked(openai),
    a("OpenAI admin key", "sk-admin-{u40-200}")
        .critical()
        .checked(openai),
    a("OpenAI key", "sk-{u40-200}")
        .critical()
        .checked(openai_legacy),
    a("Anthropic key", "sk-ant-api03-{u95}")
        .critical()
        .checked(anthropic),
    a("Anthropic admin key", "sk-ant-admin01-{u95}")
        .critical()
        .checked(anthropic),
    a("Anthropic OAuth token", "sk-ant-oat01-{u95}").critical(),
    a("Anthropic session key", "sk-ant-sid01-{u80-120}"),
    a("Hugging Face token", "hf_{a34}"),
    a("Hugging Face organisation token", "api_org_{a34}"),
    a("Groq key", "gsk_{w52}"),
    a("xAI key", "xai-{u70-120}"),
    a("Perplexity key", "pplx-{w48-56}"),
    a("OpenRouter key", "sk-or-v1-{w64}"),
    a("Replicate token", "r8_{w37-40}"),
    a("Together key", "tgp_v1_{u43}"),
    a("NVIDIA key", "nvapi-{u60-70}"),
    a("Cerebras key", "csk-{l48}"),
    a("LangSmith personal key", "lsv2_pt_{w32}_{w10}"),
    a("LangSmith service key", "lsv2_sk_{w32}_{w10}"),
    a("Langfuse secret key", "sk-lf-{G}"),
    a("Weights & Biases key", "wandb_v1_{u77}"),
    a("Pinecone key", "pcsk_{w5-6}_{w63}"),
    a("ElevenLabs key", "sk_{x48}"),
    a("Fireworks key", "fw_{w24}").rare(),
    a("Helicone key", "sk-helicone-{w7}-{w7}-{w7}-{w7}"),
    a("Voyage key", "pa-{u43}").rare(),
    a("Firecrawl key", "fc-{x32}"),
    a("Tavily key", "tvly-{u32-60}"),
    a("E2B key", "e2b_{x40}"),
    a("Modal token id", "ak-{w22}").rare(),
    a("Modal token secret", "as-{w22}").rare(),
    a("RunPod key", "rpa_{w40-50}"),
    a("Mem0 key", "m0-{w40}"),
    a("Jina key", "jina_{w32}{u28}"),
    k("Sentry organisation token", "sntrys_eyJ{p80-600}_{b43}").checked(json_behind),
    k("Sentry user token", "sntryu_{w64}"),
    k("Sentry app token", "sntrya_{w64}"),
    k("Grafana service account token", "glsa_{w32}_{h8}"),
    k("Grafana Cloud token", "glc_{q32-400}"),
    k("Grafana API key", "eyJrIjoi{q60-400}"),
    k("New Relic user key", "NRAK-{w27}"),
    k("New Relic insert key", "NRII-{u32}"),
    k("New Relic browser key", "NRJS-{w19}").medium(),
    k("New Relic query key", "NRIQ-{u32}"),
    k("New Relic REST key", "NRRA-{w42}"),
    k("Dynatrace token", "dt0c01.{w24}.{w64}"),
    k("Dynatrace platform token", "dt0s16.{w8}.{w64}"),
    k("Honeycomb key", "hcaik_{w26}{w32}"),
    k("Honeycomb management key", "hcamk_{w26}{w32}"),
    k("LaunchDarkly SDK key", "sdk-{G}").medium(),
    k("LaunchDarkly API key", "api-{G}").medium(),
    k("Segment token", "sgp_{w64}"),
    k("PostHog personal key", "phx_{u41-49}"),
    k("Statsig secret", "secret-{w43}").medium(),
    k("Axiom token", "xaat-{G}"),
    k("Axiom personal token", "xapt-{G}"),
    k("Logfire token", "pylf_v{d1}_{w2}_{w43}"),
    k("Postman key", "PMAK-{w24}-{w34}"),
    k("Linear key", "lin_api_{w40}"),
    k("Linear OAuth token", "lin_oauth_{w64}"),
    k("Notion token", "ntn_{d11}{w35}"),
    k("Notion token", "secret_{w43}"),
    k("Airtable token", "pat{w14}.{x64}"),
    k("Figma token", "figd_{u38-42}"),
    k("Typeform token", "tfp_{z59}"),
    k("Readme key", "rdme_{w70}").medium(),
    k("Contentful token", "CFPAT-{u43}"),
    k("Frame.io token", "fio-u-{u64}"),
    k("Asana token", "1/{d16}:{x32}"),
    k("Asana token", "2/{d16}/{d16}:{x32}"),
    k("ClickUp token", "pk_{d5-10}_{U32}"),
    k("Mapbox secret token", "sk.{w40-200}.{u20-22}"),
    k("Databento key", "db-{w29}").rare(),
    k("Zuplo key", "zpka_{w32}_{w8}"),
    k("Unkey root key", "unkey_{w20-60}"),
    k("Apify token", "apify_api_{w36}"),
    k("Browserbase key", "bb_live_{u28}"),
    k("Trigger.dev key", "tr_prod_{w20-30}"),
    k("Inngest signing key", "signkey-prod-{w64}"),
    k("Inngest event key", "signkey-branch-{w64}"),
    k("Cal.com key", "cal_live_{w32}"),
    k("Snyk token", "snyk_uat.{w8}.{z40-200}"),
    k("Snyk token", "snyk_sat.{w8}.{z40-200}"),
    k("Endor Labs key", "endr+{w16}"),
    k("GitGuardian token", "ggtt-v-{w10-60}"),
    k("Okta token", "00{u40}").rare(),
    k("X bearer token", "AAAAAAAAAAAAAAAAAAAAAA{q80-110}"),
    k("Adafruit IO key", "aio_{w28}"),
    k("Dependency-Track key", "odt_{w32}"),
    k("Riot Games key", "RGAPI-{w8}-{w4}-{w4}-{w4}-{w12}").medium(),
    k("42 client secret", "s-s4t2ud-{x64}"),
    k("42 client secret", "s-s4t2af-{x64}"),
    k("LangSmith key", "ls__{x32}").medium(),
    k("CodeRabbit key", "cr-{x58}"),
    k("ScrapFly key", "scp-live-{w32}"),
    k("Coze token", "pat_{w64}"),
    k("Salesforce session", "00D{w12-15}!{z80-120}"),
    k("Mapbox temporary token", "tk.{w60-100}.{u22}"),
    k("Contentful token", "CFPAT-{u36-52}"),
    k("Ubidots token", "BBFF-{w30}"),
    k("Dropbox short-lived token", "sl.{u130-200}"),
    k("Dropbox token", "sl.u.{u130-1200}"),
    k("SettleMint token", "sm_pat_{w16}"),
    k("SettleMint application token", "sm_aat_{w16}"),
    k("SettleMint service token", "sm_sat_{w16}"),
];
