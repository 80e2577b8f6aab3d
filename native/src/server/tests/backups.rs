use super::*;

const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";

#[tokio::test]
async fn the_documented_calls_answer_as_documented() {
    let fixture = Fixture::new();
    fixture.collection("docs", 3).await;
    fixture.collection("code", 2).await;
    fixture.collection("left out", 1).await;

    let made =
        fixture.post("/api/backups/create", json!({"name": "daily", "collections": ["docs", "code"]})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.body["name"], "daily");
    assert_eq!(made.body["size"], std::fs::metadata(fixture.file(id)).unwrap().len());
    let date = made.body["date"].as_str().unwrap();
    assert!(date.len() == "2024-01-15T10:30:00Z".len() && date.ends_with('Z'), "{date}");
    let mut names: Vec<_> =
        made.body["collections"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "docs"]);

    let newer = fixture.backup("newer").await;
    for path in ["/api/backups", "/backups"] {
        let list = fixture.get(path).await.body;
        let ids: Vec<_> = list["backups"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        assert_eq!(ids, [newer.as_str(), id], "newest first");
        let members: Vec<_> = list["backups"][1].as_object().unwrap().keys().collect();
        assert_eq!(members, ["collections", "date", "id", "name", "size"]);
    }
    let restored = fixture.post("/api/backups/restore", json!({"backup_id": id})).await;
    assert_eq!(restored.status, 200, "{}", restored.body);
    assert_eq!(restored.body["success"], true);
    assert_eq!(restored.body["message"], "Backup restored successfully");
    assert_eq!(fixture.get("/api/backups/directory").await.body, json!({"path": "./backups"}));
}

#[tokio::test]
async fn a_restore_brings_back_what_was_and_says_what_it_proved() {
    let fixture = Fixture::new();
    fixture.collection("docs", 20).await;
    let before = fixture.records("docs").await;
    let id = fixture.backup("before").await;
    fixture.delete("/collections/docs/vectors/r3").await;
    let changed = json!({"collection": "docs", "vectors": [{"id": "new", "vector": [1, 2]}, {"id": "r4", "vector": [9, 9]}]});
    assert_eq!(fixture.post("/insert_vectors", changed).await.status, 200);
    assert_ne!(fixture.records("docs").await, before);

    let restored = fixture.post("/backups/restore", json!({"backup_id": id})).await.body;
    assert_eq!(fixture.records("docs").await, before);
    let shown = fixture.get(&format!("/backups/{id}")).await.body;
    assert_eq!(shown["provenance"]["kind"], "indexed");
    let contents = &shown["contents"][0];
    assert_eq!((&contents["name"], &contents["count"]), (&json!("docs"), &json!(20)));
    assert_eq!(contents["config"], json!({"dimension": 2, "metric": "dotproduct"}));
    assert_eq!(restored["restored"][0]["fingerprint"], contents["fingerprint"]);

    let body = json!({"backup_id": id, "collections": ["docs"], "rename": {"docs": "copy"}});
    let renamed = fixture.post("/backups/restore", body).await.body;
    assert_eq!(renamed["restored"][0]["restored_as"], "copy");
    assert_eq!(fixture.records("copy").await, before);
}

#[tokio::test]
async fn all_collections_is_what_an_absent_null_or_empty_list_means() {
    let fixture = Fixture::new();
    fixture.collection("a", 1).await;
    fixture.collection("b", 0).await;
    for body in [
        json!({"name": "x"}),
        json!({"name": "x", "collections": null}),
        json!({"name": "x", "collections": []}),
    ] {
        assert_eq!(fixture.post("/backups/create", body).await.body["collections"], json!(["a", "b"]));
    }
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_refused_by_name_and_leaves_nothing() {
    let fixture = Fixture::new();
    fixture.collection("docs", 1).await;
    let create = async |body: Value| fixture.post("/backups/create", body).await;
    let missing = create(json!({"name": "x", "collections": ["docs", "absent"]})).await;
    assert_eq!(missing.error(), (404, "collection_not_found"));
    assert_eq!(missing.body["details"]["collection"], "absent");
    for (body, field) in [
        (json!({}), "body"),
        (json!({"name": ""}), "name"),
        (json!({"name": "a\u{0}"}), "name"),
        (json!({"name": "x".repeat(256)}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name": "x", "collections": "docs"}), "collections"),
        (json!({"name": "x", "collections": ["docs", ""]}), "collections[1]"),
        (json!({"name": "x", "collection": ["docs"]}), "collection"),
    ] {
        let refused = create(body).await;
        assert_eq!(refused.error(), (400, "validation_error"), "{}", refused.body);
        assert_eq!(refused.body["details"]["field"], field, "{}", refused.body);
    }
    let twice = create(json!({"name": "x", "collections": ["docs", "docs"]})).await;
    assert_eq!(twice.error(), (400, "validation_error"));
    assert_eq!(fixture.post("/backups/create", json!([1])).await.status, 400);
    assert_eq!(fixture.send("POST", "/backups/create", None).await.status, 400);
    assert_eq!(fixture.get("/backups").await.body, json!({"backups": [], "damaged": []}));
}

#[tokio::test]
async fn unknown_and_malformed_ids_are_told_apart() {
    let fixture = Fixture::new();
    for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/verify")] {
        let unknown = fixture.send(method, &format!("/backups/{UNKNOWN}{path}"), None).await;
        assert_eq!(unknown.error(), (404, "backup_not_found"), "{method}");
        assert!(unknown.message().contains(UNKNOWN));
        let malformed = fixture.send(method, &format!("/backups/%2e%2e%2fx{path}"), None).await;
        assert_eq!(malformed.error(), (400, "validation_error"));
        assert_eq!(malformed.body["details"]["field"], "backup_id");
    }
    let restore = async |id: &str| fixture.post("/backups/restore", json!({"backup_id": id})).await;
    assert_eq!(restore(UNKNOWN).await.error(), (404, "backup_not_found"));
    assert_eq!(restore("../x").await.body["details"]["field"], "backup_id");
}

#[tokio::test]
async fn a_damaged_backup_is_refused_reported_and_hides_no_other() {
    let fixture = Fixture::new();
    fixture.collection("docs", 50).await;
    let (good, flipped, cut) =
        (fixture.backup("good").await, fixture.backup("flipped").await, fixture.backup("cut").await);
    let mut bytes = std::fs::read(fixture.file(&flipped)).unwrap();
    let at = String::from_utf8_lossy(&bytes).find("\"r7\"").unwrap() + 2;
    bytes[at] ^= 1;
    std::fs::write(fixture.file(&flipped), &bytes).unwrap();
    std::fs::write(fixture.file(&cut), &bytes[..bytes.len() / 2]).unwrap();
    fixture.delete("/collections/docs/vectors/r0").await;
    let before = fixture.records("docs").await;

    for id in [&flipped, &cut] {
        let refused = fixture.post("/backups/restore", json!({"backup_id": id})).await;
        assert_eq!(refused.error(), (422, "backup_damaged"), "{}", refused.body);
        assert!(refused.body["details"]["offset"].is_u64(), "{}", refused.body);
        assert_eq!(fixture.records("docs").await, before, "nothing changed");
        let report = fixture.post(&format!("/backups/{id}/verify"), json!({"depth": "full"})).await;
        assert_eq!((report.status, &report.body["ok"]), (200, &json!(false)), "{}", report.body);
        assert!(!report.body["findings"].as_array().unwrap().is_empty());
    }
    let report = fixture.send("POST", &format!("/backups/{good}/verify"), None).await.body;
    assert_eq!((&report["ok"], &report["depth"]), (&json!(true), &json!("full")));
    let list = fixture.get("/backups").await.body;
    assert!(list["backups"].as_array().unwrap().iter().any(|row| row["id"] == good.as_str()));
    assert_eq!(list["damaged"][0]["id"], cut.as_str());
    assert_eq!(list["damaged"][0]["error_type"], "backup_damaged");
    assert!(list["damaged"][0]["error"].is_string() && list["damaged"][0]["size"].is_u64());
    assert!(list["backups"].as_array().unwrap().iter().all(|row| row["id"] != cut.as_str()));
    assert_eq!(fixture.get(&format!("/backups/{cut}")).await.error(), (422, "backup_damaged"));
}

#[tokio::test]
async fn a_dry_run_names_what_would_happen_and_writes_nothing() {
    let fixture = Fixture::new();
    fixture.collection("docs", 3).await;
    fixture.collection("code", 2).await;
    let id = fixture.backup("x").await;
    fixture.delete("/collections/docs/vectors/r0").await;
    fixture.delete("/collections/code").await;
    let (before, writes) = (fixture.records("docs").await, json!({"backup_id": id, "dry_run": true}));
    let plan = fixture.post("/api/backups/restore", writes).await;
    assert_eq!(plan.status, 200, "{}", plan.body);
    assert_eq!((&plan.body["dry_run"], &plan.body["id"]), (&json!(true), &json!(id)));
    let step = |name: &str, action: &str, count: u64, live: Value| json!({"name": name, "restored_as": name, "action": action, "count": count, "live": live, "config_changes": []});
    let mut live = plan.body["steps"][1]["live"].clone();
    assert!(live["fingerprint"].take().is_string());
    assert_eq!(
        live,
        json!({"name": "docs", "dimension": 2, "metric": "dotproduct", "count": 2, "fingerprint": null})
    );
    assert_eq!(plan.body["steps"][0], step("code", "create", 2, Value::Null));
    assert_eq!(plan.body["steps"][1]["action"], "replace");
    assert_eq!(plan.body["conflicts"], json!([]));

    let conflicting =
        json!({"backup_id": id, "collections": ["docs", "none"], "rename": {"code": "x"}, "dry_run": true});
    let plan = fixture.post("/backups/restore", conflicting).await;
    assert_eq!((plan.status, plan.body["conflicts"].as_array().unwrap().len()), (200, 2), "{}", plan.body);
    let empty = json!({"backup_id": id, "collections": [], "dry_run": true});
    assert_eq!(fixture.post("/backups/restore", empty).await.status, 400);
    let unknown = json!({"backup_id": UNKNOWN, "dry_run": true});
    assert_eq!(fixture.post("/backups/restore", unknown).await.error(), (404, "backup_not_found"));
    assert_eq!(fixture.records("docs").await, before);
    assert_eq!(fixture.get("/collections/code").await.status, 404);
    let real = json!({"backup_id": id, "dry_run": false});
    assert_eq!(fixture.post("/backups/restore", real).await.body["success"], true);
}

#[tokio::test]
async fn two_backups_are_compared() {
    let fixture = Fixture::new();
    fixture.collection("docs", 5).await;
    fixture.collection("code", 1).await;
    let (first, twin) = (fixture.backup("first").await, fixture.backup("twin").await);
    fixture.delete("/collections/docs/vectors/r0").await;
    fixture.delete("/collections/code").await;
    let changed = json!({"collection": "docs", "vectors": [{"id": "r1", "vector": [9, 9]}, {"id": "x", "vector": [1, 1]}, {"id": "y", "vector": [1, 1]}]});
    fixture.post("/insert_vectors", changed).await;
    let second = fixture.backup("second").await;
    let diff =
        async |a: &str, b: &str, query: &str| fixture.get(&format!("/api/backups/{a}/diff/{b}{query}")).await;
    assert_eq!(diff(&first, &twin, "").await.body["equal"], true);
    let report = diff(&first, &second, "?limit=1").await;
    assert_eq!((report.status, &report.body["equal"]), (200, &json!(false)), "{}", report.body);
    assert_eq!((&report.body["a"], &report.body["b"]), (&json!(first), &json!(second)));
    let [code, docs] = &report.body["collections"].as_array().unwrap()[..] else { panic!() };
    assert_eq!(code["status"], "only_in_a");
    let counts = ["added", "removed", "changed", "unchanged"].map(|name| docs[name].as_u64().unwrap());
    assert_eq!((counts, &docs["added_ids"]), ([2, 1, 1, 3], &json!(["x"])));
    assert_eq!(diff(&first, UNKNOWN, "").await.error(), (404, "backup_not_found"));
    assert_eq!(diff(UNKNOWN, "x", "").await.error(), (400, "validation_error"));
    assert_eq!(diff(&first, &second, "?limit=1001").await.body["details"]["field"], "limit");
}

#[tokio::test]
async fn a_deleted_backup_is_gone() {
    let fixture = Fixture::new();
    let id = fixture.backup("x").await;
    assert_eq!(fixture.delete(&format!("/backups/{id}")).await.status, 200);
    assert!(!fixture.file(&id).exists());
    assert_eq!(fixture.delete(&format!("/backups/{id}")).await.error(), (404, "backup_not_found"));
}

#[tokio::test]
async fn a_backup_that_has_no_room_is_not_begun() {
    let fixture = Fixture::with(|_| {}, |vault| vault.checking_space(|| Ok(100)));
    fixture.collection("small", 1).await;
    fixture.collection("large", 100).await;
    let small = fixture.post("/backups/create", json!({"name": "x", "collections": ["small"]})).await;
    assert_eq!(small.status, 200, "{}", small.body);
    let refused = fixture.post("/backups/create", json!({"name": "x"})).await;
    assert_eq!(refused.error(), (507, "insufficient_storage"));
    assert_eq!(refused.body["details"]["free"], 100);
    assert!(refused.body["details"]["needed"].as_u64().unwrap() > 100);
    assert_eq!(fixture.get("/backups").await.body["backups"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_of_another_writer_is_looked_through_as_a_job() {
    let fixture = Fixture::with(|config| config.limits.heavy_jobs = 1, |vault| vault);
    let text = format!(
        r#"{{"id":"{UNKNOWN}","name":"a","date":"2024-01-15T10:30:00Z","collections":["c"],"size":1,"data":{{"c":{{"dimension":1,"metric":"cosine","vectors":[{{"id":"a","vector":[1],"metadata":"{}"}}]}}}}}}"#,
        "m".repeat(9 << 20)
    );
    std::fs::write(fixture.file(UNKNOWN), text).unwrap();
    fixture.collection("c", 1).await;
    let indexed = fixture.backup("indexed").await;
    let path = format!("/backups/{UNKNOWN}");
    assert_eq!(fixture.get(&path).await.body["contents"][0]["count"], 1);
    let busy = fixture.endless().await;
    let refused = fixture.get(&path).await;
    assert_eq!(refused.error(), (429, "queue_full"));
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(fixture.get(&format!("/backups/{indexed}")).await.status, 200, "an index is quickly read");
    fixture.context.jobs.cancel(busy.id).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_compared_as_a_job() {
    let fixture = Fixture::with(|config| config.limits.heavy_jobs = 1, |vault| vault);
    fixture.collection("docs", 1_500).await;
    let (first, twin) = (fixture.backup("first").await, fixture.backup("twin").await);
    fixture.delete("/collections/docs/vectors/r7").await;
    let second = fixture.backup("second").await;
    let diff = async |other: &str| fixture.get(&format!("/backups/{first}/diff/{other}")).await;
    assert_eq!(diff(&second).await.body["collections"][0]["removed"], 1);
    let busy = fixture.endless().await;
    assert_eq!(diff(&second).await.error(), (429, "queue_full"));
    assert_eq!(diff(&twin).await.body["equal"], true, "the indexes tell");
    fixture.context.jobs.cancel(busy.id).unwrap();
    fixture.context.jobs.idle().await;
    fixture.context.jobs.cancel_all();
    assert_eq!(diff(&second).await.error(), (503, "cancelled"), "the server ends");
}

#[tokio::test]
async fn a_linked_file_of_somebody_else_is_refused_and_says_what_to_do() {
    let fixture = Fixture::new();
    let id = fixture.backup("x").await;
    std::fs::hard_link(fixture.file(&id), fixture.directory.path().join("elsewhere")).unwrap();
    assert_eq!(fixture.get(&format!("/backups/{id}")).await.status, 200);
    // Only root can give a file away.
    if std::os::unix::fs::chown(fixture.file(&id), Some(65_534), None).is_err() {
        return;
    }
    for refused in [
        fixture.get(&format!("/backups/{id}")).await,
        fixture.post("/backups/restore", json!({"backup_id": id})).await,
        fixture.get(&format!("/backups/{id}/download")).await,
    ] {
        assert_eq!(refused.error(), (403, "permission_denied"));
        assert!(refused.message().contains("hard link; replace it by a copy"), "{}", refused.message());
    }
    assert_eq!(fixture.get("/backups").await.body["damaged"][0]["error_type"], "permission_denied");
}
