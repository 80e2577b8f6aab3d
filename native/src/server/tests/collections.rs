use super::*;

#[tokio::test]
async fn a_collection_is_created_listed_shown_and_deleted() {
    let fixture = Fixture::new();
    let made =
        fixture.post("/collections", json!({"name": "docs", "dimension": 2, "metric": "dotproduct"})).await;
    let answer = json!({"message": "Collection created successfully", "collection": "docs", "dimension": 2, "metric": "dotproduct"});
    assert_eq!((made.status, made.body), (200, answer));
    let again = fixture.post("/collections", json!({"name": "docs", "dimension": 2})).await;
    assert_eq!(again.error(), (409, "collection_already_exists"));

    let list = fixture.get("/api/collections").await.body;
    assert_eq!(list["total_collections"], 1);
    let known = ["created_at", "dimension", "metric", "name", "status", "updated_at", "vector_count"];
    let members: Vec<_> = list["collections"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, known, "strict clients refuse others");
    let shown = fixture.get("/collections/docs").await.body;
    assert_eq!(shown, list["collections"][0]);
    assert_eq!((&shown["dimension"], &shown["vector_count"]), (&json!(2), &json!(0)));

    assert_eq!(fixture.delete("/collections/docs").await.status, 200);
    assert_eq!(fixture.get("/collections/docs").await.error(), (404, "collection_not_found"));
    assert_eq!(fixture.delete("/collections/docs").await.error(), (404, "collection_not_found"));
}

#[tokio::test]
async fn callers_that_say_similarity_metric_get_their_own_answer() {
    let fixture = Fixture::new();
    let body = json!({"name": "docs", "dimension": 3, "similarity_metric": "Cosine", "description": "x"});
    let made = fixture.post("/collections", body).await.body;
    assert_eq!(made, json!({"name": "docs", "dimension": 3, "vector_count": 0, "metric": "cosine"}));
}

#[tokio::test]
async fn what_is_no_collection_is_refused_by_field() {
    let fixture = Fixture::new();
    for (body, field) in [
        (json!({"name": "", "dimension": 2}), "name"),
        (json!({"name": "a", "dimension": 0}), "dimension"),
        (json!({"name": "a", "dimension": 65_537}), "dimension"),
        (json!({"name": "a", "dimension": 2.5}), "dimension"),
        (json!({"name": "a", "dimension": 2, "metric": "hamming"}), "metric"),
        (json!({"name": "a", "dimension": 2, "similarity_metric": 3}), "similarity_metric"),
    ] {
        let refused = fixture.post("/collections", body).await;
        assert_eq!(refused.error(), (400, "validation_error"), "{}", refused.body);
        assert_eq!(refused.body["details"]["field"], field);
    }
    assert_eq!(fixture.get("/collections").await.body["collections"], json!([]));
}

#[tokio::test]
async fn a_name_of_any_characters_is_reached_by_its_encoding() {
    let fixture = Fixture::new();
    fixture.collection("a/b ü%2e", 1).await;
    assert_eq!(fixture.get("/collections/a%2Fb%20%C3%BC%252e").await.body["name"], "a/b ü%2e");
    fixture.collection("..", 1).await;
    let vector = json!({"collection": "..", "vectors": [{"id": ".", "vector": [1, 2]}]});
    assert_eq!(fixture.post("/insert_vectors", vector).await.status, 200);
    assert_eq!(fixture.get("/collections/%2E%2E/vectors/%2e").await.body["id"], ".");
    assert_eq!(fixture.delete("/collections/%2E%2E/vectors/%2E").await.status, 200);
    assert_eq!(fixture.delete("/collections/..").await.error(), (400, "validation_error"));
    assert_eq!(fixture.delete("/collections/%2E%2E").await.status, 200);
    assert_eq!(fixture.get("/collections").await.body["collections"].as_array().unwrap().len(), 1);
}
