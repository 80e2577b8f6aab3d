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

/// One call of every kind that answers 200: of a backup, of another one, and of a job that runs.
fn calls(backup: &str, other: &str, job: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let vectors = json!([{"id": "v", "vector": [1, 2], "metadata": null, "odd": [1]}]);
    let text = json!({"collection": "docs", "texts": [{"id": "t", "text": "a text", "metadata": {"n": 1}}]});
    let restore = |member: &str, value: Value| json!({"backup_id": backup, member: value});
    let create = |member: &str, value: Value| json!({"name": member, "dimension": 2, member: value});
    let get = |path: &str| ("GET", path.to_owned(), None);
    let post = |path: &str, body: Value| ("POST", path.to_owned(), Some(body));
    let delete = |path: &str| ("DELETE", path.to_owned(), None);
    vec![
        get("/health"),
        get("/api/openapi.json"),
        get("/backups"),
        get("/backups/directory"),
        post("/backups/create", json!({"name": "y", "collections": ["docs"]})),
        post("/backups/restore", restore("rename", json!({"docs": "copy"}))),
        post("/backups/restore", restore("dry_run", json!(true))),
        get(&format!("/backups/{backup}")),
        post(&format!("/backups/{backup}/verify"), json!({"depth": "full"})),
        get(&format!("/backups/{backup}/download")),
        get(&format!("/backups/{backup}/diff/{other}?limit=3")),
        get("/jobs"),
        get(&format!("/jobs/{job}")),
        ("POST", format!("/jobs/{job}/cancel"), None),
        get(&format!("/jobs/{job}/events")),
        get("/collections"),
        post("/collections", create("metric", json!("cosine"))),
        post("/collections", create("similarity_metric", json!("dot"))),
        get("/collections/docs"),
        post("/collections/docs/vectors", json!({"vectors": vectors})),
        get("/collections/docs/vectors?limit=5000"),
        get("/collections/docs/vectors/v"),
        delete("/collections/docs/vectors/v"),
        post("/insert_vectors", json!({"collection": "docs", "vectors": vectors})),
        post("/insert_texts", text.clone()),
        post("/batch_insert", text),
        delete("/collections/docs"),
        delete(&format!("/backups/{backup}")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_succeeds_as_it_is_described() {
    let fixture = Fixture::new();
    fixture.collection("docs", 3).await;
    let (backup, other) = (fixture.backup("a").await, fixture.backup("b").await);
    let job = fixture.endless().await.id.to_string();
    let file = std::fs::read(fixture.file(&backup)).unwrap();
    let mut called = BTreeSet::new();
    for (method, path, body) in calls(&backup, &other, &job) {
        let body = body.map(|body| body.to_string());
        let response = fixture.request(method, &path, &[], body.as_deref().map(str::as_bytes)).await;
        assert_eq!(response.status(), 200, "{method} {path}: {response:?}");
        called.insert(operation(method, &path).unwrap().1);
    }
    for (path, body, status) in
        [("/backups/upload", file.as_slice(), 201), ("/collections/docs/search", b"{}", 501)]
    {
        assert_eq!(fixture.request("POST", path, &[], Some(body)).await.status(), status);
        called.insert(operation("POST", path).unwrap().1);
    }
    let all = description()["paths"].as_object().unwrap().iter().flat_map(|(template, item)| {
        let methods = item.as_object().unwrap().keys().filter(|name| *name != "parameters");
        methods.map(move |method| format!("{method} {template}"))
    });
    assert_eq!(called, all.collect());
}
