//! What a compiled service makes of the same model: the same request, the same ONNX file and the same answer as Servery's.
//! It has what a prediction needs and no more: no metrics, no log, no limits but the size of a body.

use std::{cell::RefCell, env, error::Error, fs, path::PathBuf, thread};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, serve::ListenerExt};
use mimalloc::MiMalloc;
use tokio::{net::TcpListener, sync::oneshot};

mod answer;
mod model;
mod photo;

use answer::Labels;
use model::Model;
use photo::Photos;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const BODY_LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// A fault of the request. None of them is worth more than its text here.
type Fault = Box<dyn Error + Send + Sync>;

struct Refused(Fault);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0.to_string()).into_response()
    }
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(fault: E) -> Self {
        Self(fault.into())
    }
}

/// A photo on its way to a thread that decodes it, and the way of its answer back.
struct Question {
    jpeg: Bytes,
    answer: oneshot::Sender<Result<Vec<u8>, Fault>>,
}

#[derive(Clone)]
struct Shared {
    labels: &'static Labels,
    photos: crossbeam_channel::Sender<Question>,
}

thread_local! {
    /// A run of a small model takes less time than handing it to another thread, so each thread of the runtime has its own.
    static OWN_MODEL: RefCell<Option<Model>> = const { RefCell::new(None) };
}

fn folder() -> PathBuf {
    env::var_os("BENCH_MODEL").expect("BENCH_MODEL names the folder of the model").into()
}

async fn predict_photo(State(shared): State<Shared>, mut form: Multipart) -> Result<Response, Refused> {
    let file = form.next_field().await?.ok_or("the form has no file")?;
    let (answer, answered) = oneshot::channel();
    shared.photos.send(Question { jpeg: file.bytes().await?, answer })?;
    Ok(json(answered.await??))
}

async fn predict_rows(State(shared): State<Shared>, body: Bytes) -> Result<Response, Refused> {
    let rows = model::Rows::read(&body)?;
    let text = OWN_MODEL.with_borrow_mut(|own| {
        let model = own.get_or_insert_with(|| Model::load(&folder()).expect("the model has loaded before"));
        model.run(&[rows.count, rows.features], &rows.values, |scores| shared.labels.write(scores, rows.is_list))
    })?;
    Ok(json(text))
}

fn json(text: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

/// As many threads as cores decode photos and run the model, each with a session of one thread.
fn start_photo_threads(labels: &'static Labels) -> Result<crossbeam_channel::Sender<Question>, Fault> {
    let (sender, receiver) = crossbeam_channel::unbounded::<Question>();
    for _ in 0..thread::available_parallelism()?.get() {
        let (receiver, mut photos) = (receiver.clone(), Photos::new(Model::load(&folder())?)?);
        thread::spawn(move || {
            for Question { jpeg, answer } in receiver {
                // The client may have gone.
                let _ = answer.send(photos.scores(&jpeg, |scores| labels.write(scores, false)));
            }
        });
    }
    Ok(sender)
}

fn main() -> Result<(), Fault> {
    model::load_runtime(env::var_os("ONNX_RUNTIME").expect("ONNX_RUNTIME names ONNX Runtime's library"))?;
    let labels: &'static Labels = Box::leak(Box::new(Labels::read(&fs::read(folder().join("card.json"))?)?));
    let is_picture = Model::load(&folder())?.takes_pictures();
    let photos = if is_picture { start_photo_threads(labels)? } else { crossbeam_channel::bounded(0).0 };
    let predict = if is_picture { post(predict_photo) } else { post(predict_rows) };
    let app = Router::new()
        .route("/health", get(async || "ok"))
        .route("/predict", predict)
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .with_state(Shared { labels, photos });
    tokio::runtime::Builder::new_multi_thread().enable_io().build()?.block_on(async {
        let port: u16 = env::var("PORT")?.parse()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, app).await?)
    })
}
