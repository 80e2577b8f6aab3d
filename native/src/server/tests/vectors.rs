use super::*;

#[tokio::test]
async fn vectors_come_back_to_the_bit_under_the_names_that_clients_read() {
    let fixture = Fixture::new();
    fixture.collection("docs", 0).await;
    let body = r#"{"vectors":[
        {"id":"a","data":[-0.0,1e-45],"metadata":{"n":18446744073709551617, "k": null}},
        {"id":"b","embedding":[0.1,3.4028235e38]}],"collection":"docs"}"#;
    let inserted = fixture.send("POST", "/collections/docs/vectors", Some(body)).await;
    assert_eq!(inserted.status, 200, "{}", inserted.body);
    let counts = ["inserted", "failed", "count"].map(|member| inserted.body[member].as_u64().unwrap());
    assert_eq!((counts, &inserted.body["collection"]), ([2, 0, 2], &json!("docs")));
    assert_eq!(inserted.body["results"][1]["client_id"], "b");

    let one = fixture.get("/collections/docs/vectors/a").await.body;
    let numbers: Vec<u32> = serde_json::from_value::<Vec<f32>>(one["vector"].clone())
        .unwrap()
        .iter()
        .map(|x| x.to_bits())
        .collect();
    assert_eq!(numbers, [(-0.0f32).to_bits(), 1]);
    assert_eq!((&one["data"], &one["metadata"]), (&one["vector"], &one["payload"]));
    let api = api(fixture.context.clone());
    let request = warp::test::request().path("/collections/docs/vectors?limit=1").header("host", "localhost");
    let text = String::from_utf8(request.reply(&api).await.body().to_vec()).unwrap();
    assert!(
        text.contains(r#""payload":{"n":18446744073709551617, "k": null}"#),
        "metadata are the text they were: {text}"
    );
    assert!(fixture.get("/collections/docs/vectors/b").await.body.get("payload").is_none());
}

#[tokio::test]
async fn an_insert_is_all_or_nothing_and_names_the_record() {
    let fixture = Fixture::new();
    fixture.collection("docs", 0).await;
    let vectors =
        |bad: &str| format!(r#"{{"collection":"docs","vectors":[{{"id":"good","vector":[1,2]}},{bad}]}}"#);
    for (bad, error_type, named) in [
        (r#"{"id":"x","vector":[1,NaN]}"#, "validation_error", "vectors[1].vector[1]"),
        (r#"{"id":"x","vector":[1e39,1]}"#, "validation_error", "vectors[1].vector[0]"),
        (r#"{"id":"x","vector":[null,1]}"#, "validation_error", "vectors[1].vector[0]"),
        (r#"{"id":"x","vector":[1,2,3]}"#, "dimension_mismatch", "vectors[1].vector"),
        (r#"{"id":"x"}"#, "validation_error", "vectors[1]"),
        (r#"{"vector":[1,2]}"#, "validation_error", "vectors[1]"),
        (r#"{"id":"good","vector":[1,2]}"#, "validation_error", "good"),
        (r#"{"id":"x","vector":[1,2],"payload":{"a":1,"a":2}}"#, "validation_error", "vectors[1]"),
    ] {
        let refused = fixture.send("POST", "/insert_vectors", Some(&vectors(bad))).await;
        assert_eq!(refused.error(), (400, error_type), "{bad}: {}", refused.body);
        assert!(refused.message().contains(named), "{bad}: {}", refused.body);
    }
    let three = json!({"collection": "docs", "vectors": [{"id": "x", "vector": [1, 2, 3]}]});
    let refused = fixture.post("/insert_vectors", three).await;
    assert_eq!(refused.error(), (400, "dimension_mismatch"));
    assert!(refused.message().contains("\"x\""));
    assert_eq!(fixture.records("docs").await, json!([]));
}

#[tokio::test]
async fn an_insert_says_where_it_goes() {
    let fixture = Fixture::new();
    fixture.collection("docs", 0).await;
    let vectors = json!([{"id": "a", "vector": [1, 2]}]);
    let absent = fixture.post("/insert_vectors", json!({"collection": "absent", "vectors": vectors})).await;
    assert_eq!(absent.error(), (404, "collection_not_found"));
    let nowhere = fixture.post("/insert_vectors", json!({"vectors": vectors})).await;
    assert_eq!(nowhere.body["details"]["field"], "collection");
    let elsewhere =
        fixture.post("/collections/docs/vectors", json!({"collection": "code", "vectors": vectors})).await;
    assert_eq!(elsewhere.error(), (400, "validation_error"));
    let nothing = fixture.post("/collections/docs/vectors", json!({})).await;
    assert_eq!(nothing.body["details"]["field"], "vectors");
    let empty = fixture.post("/collections/docs/vectors", json!({"vectors": []})).await;
    assert_eq!((empty.status, &empty.body["count"]), (200, &json!(0)));
    assert_eq!(fixture.post("/collections/absent/vectors", json!({"vectors": []})).await.status, 404);
}

#[tokio::test]
async fn pages_tile_a_collection_and_a_cut_one_says_so() {
    let fixture = Fixture::with(|config| config.limits.page_records = 7, |vault| vault);
    fixture.collection("docs", 10).await;
    let first = fixture.get("/collections/docs/vectors?limit=100").await.body;
    assert_eq!((&first["total"], &first["limit"], &first["offset"]), (&json!(10), &json!(7), &json!(0)));
    assert!(first["message"].as_str().unwrap().contains("go on at offset 7"), "{first}");
    let rest = fixture.get("/collections/docs/vectors?limit=100&offset=7").await.body;
    assert_eq!(rest["vectors"].as_array().unwrap().len(), 3);
    assert!(rest.get("message").is_none());
    let past = fixture.get("/collections/docs/vectors?offset=10").await.body;
    assert_eq!(past["vectors"], json!([]));
    assert_eq!(fixture.get("/collections/docs/vectors?limit=x").await.body["details"]["field"], "limit");
    assert_eq!(fixture.get("/collections/absent/vectors").await.error(), (404, "collection_not_found"));
}

#[tokio::test]
async fn a_vector_is_deleted_once() {
    let fixture = Fixture::new();
    fixture.collection("docs", 2).await;
    assert_eq!(fixture.delete("/collections/docs/vectors/r1").await.status, 200);
    assert_eq!(fixture.delete("/collections/docs/vectors/r1").await.error(), (404, "vector_not_found"));
    assert_eq!(fixture.get("/collections/docs/vectors/r1").await.error(), (404, "vector_not_found"));
    assert_eq!(fixture.get("/collections/docs").await.body["vector_count"], 1);
}

#[tokio::test]
async fn texts_are_embedded_and_kept() {
    let fixture = Fixture::new();
    fixture.collection("docs", 0).await;
    let texts =
        json!([{"id": "a", "text": "Hello", "metadata": {"source": "x"}}, {"id": "b", "text": "hello"}]);
    for path in ["/insert_texts", "/api/batch_insert"] {
        let done = fixture.post(path, json!({"collection": "docs", "texts": texts})).await;
        assert_eq!((done.status, &done.body["inserted"]), (200, &json!(2)), "{}", done.body);
    }
    let records = fixture.records("docs").await;
    assert_eq!(records[0]["vector"], records[1]["vector"]);
    assert_eq!(records[0]["payload"], json!({"text": "Hello", "source": "x"}));
    let absent = fixture.post("/insert_texts", json!({"collection": "absent", "texts": texts})).await;
    assert_eq!(absent.error(), (404, "collection_not_found"));
    let bad = json!({"collection": "docs", "texts": [{"id": "c", "text": "x"}, {"id": "", "text": "x"}]});
    assert!(fixture.post("/insert_texts", bad).await.message().contains("texts[1]"));
    assert_eq!(fixture.records("docs").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused() {
    let fixture = Fixture::with(|config| config.limits.insert_bytes = 2_000, |vault| vault);
    fixture.collection("docs", 2).await;
    let many: Vec<_> = (0..100).map(|i| json!({"id": i.to_string(), "vector": [1, 2]})).collect();
    let refused = fixture.post("/insert_vectors", json!({"collection": "docs", "vectors": many})).await;
    assert_eq!(refused.error(), (413, "payload_too_large"));
    assert_eq!(refused.body["details"]["limit"], 2_000);
    assert_eq!(fixture.records("docs").await.as_array().unwrap().len(), 2);
}
