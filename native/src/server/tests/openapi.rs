//! The description of the API against the API: [`check`] is called for every answer that a test of a route
//! gets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jsonschema::Validator;
use warp::http::{HeaderMap, StatusCode};

use super::super::openapi::DESCRIPTION;
use super::super::routes;
use super::*;

/// The description, closed: a member that is not described is none. Others may read it as open.
fn description() -> &'static Value {
    static CLOSED: OnceLock<Value> = OnceLock::new();
    CLOSED.get_or_init(|| {
        let mut description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        close(&mut description["components"]["schemas"]);
        description
    })
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("type") == Some(&json!("object")) && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// What stands at a node of the description, or where its reference leads.
fn resolve(node: &'static Value) -> &'static Value {
    match node["$ref"].as_str() {
        Some(reference) => description().pointer(reference.strip_prefix('#').unwrap()).expect(reference),
        None => node,
    }
}

/// Checks a value against a schema, whose references lead into the description.
fn validate(schema: &Value, value: &Value, about: &str) {
    static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let validator = VALIDATORS
        .lock()
        .unwrap()
        .entry(schema.to_string())
        .or_insert_with(|| {
            let mut schema = schema.clone();
            schema["components"] = description()["components"].clone();
            Arc::new(jsonschema::draft202012::new(&schema).unwrap())
        })
        .clone();
    let problems: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{about}: {problems:#?} in {value:#}");
}

/// The operation of a method and a path, and its name.
fn operation(method: &str, path: &str) -> Option<(&'static Value, String)> {
    let path = path.split('?').next().unwrap();
    let path = path.strip_prefix("/api").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let matches = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template
                .iter()
                .zip(&path)
                .all(|(expected, found)| expected.starts_with('{') || expected == found)
    };
    // Fixed paths first, as the server does.
    let mut templates: Vec<_> = description()["paths"].as_object().unwrap().iter().collect();
    templates.sort_by_key(|(template, _)| template.contains('{'));
    let (template, item) = templates.into_iter().find(|(template, _)| matches(template))?;
    item.get(&method).map(|operation| (operation, format!("{method} {template}")))
}

/// Holds an answer to the description: its status, its headers and its body.
pub(super) fn check(method: &str, path: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
    // What is nowhere described is answered as an error; `send` looks at those.
    let Some((operation, name)) = operation(method, path) else {
        assert!(status.is_client_error(), "{method} {path}: {status}");
        return;
    };
    let about = format!("{name}: {status}");
    let responses = &operation["responses"];
    let response = match responses.get(status.as_str()) {
        Some(response) => resolve(response),
        None if status.is_client_error() || status.is_server_error() => resolve(&responses["default"]),
        None => panic!("{about} is not described"),
    };
    for (header, described) in response["headers"].as_object().into_iter().flatten() {
        let described = resolve(described);
        match headers.get(header.as_str()) {
            Some(value) => validate(&described["schema"], &json!(value.to_str().unwrap()), &about),
            None => assert_ne!(described["required"], true, "{about}: no {header}"),
        }
    }
    let Some(content) = response["content"].as_object() else {
        assert!(body.is_empty(), "{about}: a body");
        return;
    };
    let kind = headers["content-type"].to_str().unwrap();
    let schema = &content.get(kind).unwrap_or_else(|| panic!("{about}: {kind}"))["schema"];
    if method != "HEAD" && schema.is_object() {
        validate(schema, &serde_json::from_slice(body).unwrap(), &about);
    }
}

#[test]
fn it_lists_the_paths_and_methods_that_the_server_has() {
    let served: BTreeSet<_> =
        routes::paths().map(|(method, path)| format!("{} {path}", method.as_str().to_lowercase())).collect();
    let mut described = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (template, item) in description()["paths"].as_object().unwrap() {
        let segments =
            template.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters")
        {
            described.insert(format!("{method} {path}"));
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "an id occurs twice: {operation}"
            );
            assert!(operation["responses"].get("default").is_some(), "{method} {path}: errors");
            // Every segment that is open has a name and a meaning.
            let parameters = [&item["parameters"], &operation["parameters"]];
            let parameters = parameters.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
            let named: BTreeSet<_> = parameters
                .map(resolve)
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap()))
                .collect();
            let open: BTreeSet<_> =
                template.split('/').filter(|segment| segment.starts_with('{')).map(str::to_owned).collect();
            assert_eq!(named, open, "{template}");
        }
    }
    assert_eq!(described, served);
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    fn references(node: &Value, found: &mut BTreeSet<String>) {
        match node {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    references(description(), &mut found);
    let mut there = BTreeSet::new();
    for (kind, components) in description()["components"].as_object().unwrap() {
        if kind != "securitySchemes" {
            there.extend(
                components.as_object().unwrap().keys().map(|name| format!("#/components/{kind}/{name}")),
            );
        }
    }
    assert_eq!(found, there);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_succeeds_as_it_is_described() {
    let fixture = Fixture::new();
    fixture.collection("docs", 3).await;
    let backup = fixture.backup("a").await;
    let text = json!({"collection": "docs", "texts": [{"id": "t", "text": "a text", "metadata": {"n": 1}}]});
    let vectors = json!({"vectors": [{"id": "v", "vector": [1, 2], "metadata": null, "odd": [1]}]});
    let job = fixture.post("/backups/create", json!({"name": "x"})).await;
    assert_eq!(job.status, 200);
    let (one, other) = (format!("/backups/{backup}"), job.body["id"].as_str().unwrap().to_owned());
    let started = fixture.context.jobs.start(
        super::super::jobs::JobKind::Verify,
        serde_json::value::to_raw_value(&json!({"backup_id": backup})).unwrap(),
        |monitor| async move {
            while !monitor.cancelled() {
                tokio::task::yield_now().await;
            }
            Err::<(), _>(vecvault_core::Error::Cancelled.into())
        },
        |()| (),
    );
    let job = format!("/jobs/{}", started.await.unwrap().id);
    let calls: Vec<(&str, String, Option<Value>)> = vec![
        ("GET", "/health".into(), None),
        ("GET", "/api/openapi.json".into(), None),
        ("GET", "/backups".into(), None),
        ("GET", "/backups/directory".into(), None),
        ("POST", "/backups/create".into(), Some(json!({"name": "y", "collections": ["docs"]}))),
        ("POST", "/backups/restore".into(), Some(json!({"backup_id": backup, "rename": {"docs": "copy"}}))),
        ("POST", "/backups/restore".into(), Some(json!({"backup_id": backup, "dry_run": true}))),
        ("GET", one.clone(), None),
        ("POST", format!("{one}/verify"), Some(json!({"depth": "full"}))),
        ("GET", format!("{one}/download"), None),
        ("GET", format!("{one}/diff/{other}?limit=3"), None),
        ("GET", "/jobs".into(), None),
        ("GET", job.clone(), None),
        ("POST", format!("{job}/cancel"), None),
        ("GET", format!("{job}/events"), None),
        ("GET", "/collections".into(), None),
        ("POST", "/collections".into(), Some(json!({"name": "new", "dimension": 2}))),
        (
            "POST",
            "/collections".into(),
            Some(json!({"name": "newer", "dimension": 2, "similarity_metric": "dot"})),
        ),
        ("GET", "/collections/docs".into(), None),
        ("POST", "/collections/docs/vectors".into(), Some(vectors.clone())),
        ("GET", "/collections/docs/vectors?limit=5000".into(), None),
        ("GET", "/collections/docs/vectors/v".into(), None),
        ("DELETE", "/collections/docs/vectors/v".into(), None),
        (
            "POST",
            "/insert_vectors".into(),
            Some(json!({"collection": "docs", "vectors": vectors["vectors"]})),
        ),
        ("POST", "/insert_texts".into(), Some(text.clone())),
        ("POST", "/batch_insert".into(), Some(text)),
        ("DELETE", "/collections/docs".into(), None),
        ("DELETE", one.clone(), None),
    ];
    let file = std::fs::read(fixture.file(&backup)).unwrap();
    let mut called = BTreeSet::new();
    for (method, path, body) in calls {
        let body = body.map(|body| body.to_string());
        let response = fixture.request(method, &path, &[], body.as_deref().map(str::as_bytes)).await;
        assert_eq!(response.status(), 200, "{method} {path}: {response:?}");
        called.insert(operation(method, &path).unwrap().1);
    }
    let response = fixture.request("POST", "/backups/upload", &[], Some(&file)).await;
    assert_eq!(response.status(), 201);
    called.insert("post /backups/upload".to_owned());
    assert_eq!(fixture.post("/collections/docs/search", json!({})).await.status, 501);
    called.insert("post /collections/{name}/search".to_owned());
    let all = description()["paths"].as_object().unwrap().iter().flat_map(|(template, item)| {
        let methods = item.as_object().unwrap().keys().filter(|name| *name != "parameters");
        methods.map(move |method| format!("{method} {template}"))
    });
    assert_eq!(called, all.collect());
}
