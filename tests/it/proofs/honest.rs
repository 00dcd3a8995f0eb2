//! Compiles: what the programs beside it do wrongly, done rightly.

use serde_json::{Map, Value};
use trellis::access::{Actor, Create, Denied, Permit, Read};
use trellis::db::{Db, DbError, TenantTx};
use trellis::http::{Caller, Problem};
use trellis::id::{RecordId, TenantId};
use trellis::record::{self, Input, Record};
use trellis::schema::Module;
use trellis::work::{Intent, Work};

/// A permit comes from the actor and is for one verb.
pub fn permits(actor: &Actor) -> Result<(Permit<Read>, Permit<Create>), Denied> {
    Ok((actor.permit::<Read>("deals")?, actor.permit::<Create>("deals")?))
}

/// A tenant's id comes out of the database, and can be printed.
pub async fn open(db: &Db, tenant: TenantId) -> Result<TenantTx, DbError> {
    println!("{}", tenant.as_uuid());
    db.tenant(tenant).await
}

/// Work comes from a caller.
pub async fn begin(caller: &Caller) -> Result<Work, Problem> {
    caller.begin(Intent::Read).await
}

/// Records are written through the one path that checks them.
pub async fn write(work: &Work, module: &Module, data: Map<String, Value>) -> Result<Record, record::Error> {
    record::create(work, module, Input { data, ..Input::default() }).await
}

/// Ids of records are open to everybody; they lead nowhere without a tenant.
pub fn id() -> RecordId {
    RecordId::new()
}
