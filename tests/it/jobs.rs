//! Work in the background: the queue, who may see it, what becomes of it when people or processes go, and the kinds of
//! jobs there are.

mod bulk;
mod killed;
mod purge;
mod queue;
mod slots;

use serde_json::{Value, json};
use trellis::worker::{self, Background};

use crate::kit::{Answer, App, Client};
use crate::records::ITEMS;

/// What a worker of this node works with.
pub fn background(app: &App) -> Background {
    let state = app.state();
    Background {
        db: state.db.clone(),
        caches: state.caches.clone(),
        clock: state.clock.clone(),
        files: state.files.clone(),
    }
}

/// Does all jobs that are due.
pub async fn work_off(app: &App) {
    worker::work_off(&background(app)).await.expect("the worker works");
}

/// Creates so many items at once; more than 500 are a job.
pub async fn create_many(client: &Client, count: usize) -> Answer {
    let items: Vec<Value> = (0..count).map(|n| json!({"data": {"name": format!("item {n:05}")}})).collect();
    client.post(&format!("{ITEMS}/bulk"), &json!({"action": "create", "items": items})).await
}

/// The job of an answer, asked again.
pub async fn job(client: &Client, answer: &Answer) -> Value {
    let id = answer.json()["id"].as_str().expect("a job has an id").to_owned();
    client.get(&format!("/api/v1/jobs/{id}")).await.expect(200).json()
}
