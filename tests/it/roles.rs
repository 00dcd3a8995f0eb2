//! The permission matrix that each template declares, and what really happens: every role × module × verb over the API,
//! against a model of a few lines that knows nothing of the engine.

mod attempt;
mod matrix;
mod model;
mod own;
