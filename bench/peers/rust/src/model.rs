//! The model in ONNX Runtime, and the rows that it takes.

use std::{ffi::OsString, path::Path, sync::OnceLock};

use ort::environment::Environment;
use ort::session::{HasSelectedOutputs, OutputSelector, RunOptions, Session};
use ort::value::{DynMapValueType, DynValue, PrimitiveTensorElementType, TensorRef, ValueType};

use crate::Fault;

static RUNTIME: OnceLock<Environment> = OnceLock::new();

/// Loads ONNX Runtime from the library that Servery also loads. It must come before the first model.
pub fn load_runtime(library: OsString) -> Result<(), Fault> {
    RUNTIME.set(ort::init_from(library)?.build()?).map_err(|_| "ONNX Runtime is loaded already".into())
}

/// A session of one thread. Its last output is the scores: a tensor [rows, classes], or a list of maps.
pub struct Model {
    session: Session,
    options: RunOptions<HasSelectedOutputs>,
}

impl Model {
    pub fn load(folder: &Path) -> Result<Self, Fault> {
        let environment = RUNTIME.get().ok_or("ONNX Runtime is not loaded")?;
        let mut builder = Session::builder(environment)?.with_intra_threads(1).map_err(|error| error.to_string())?;
        let session = builder.commit_from_file(folder.join("model.onnx"))?;
        let scores = session.outputs().last().ok_or("the model has no output")?.name().to_owned();
        let options = RunOptions::new()?.with_outputs(OutputSelector::no_default().with(scores));
        Ok(Self { session, options })
    }

    /// The shape of its input; -1 stands for any length.
    pub fn input(&self) -> &[i64] {
        self.session.inputs()[0].dtype().tensor_shape().map_or(&[], |shape| shape)
    }

    pub fn takes_pictures(&self) -> bool {
        self.input().len() == 4
    }

    /// Runs the model, and passes its scores on, row after row.
    pub fn run<T, Answer>(&mut self, shape: &[usize], values: &[T], answer: impl FnOnce(&[f32]) -> Answer) -> Result<Answer, Fault>
    where
        T: PrimitiveTensorElementType + Clone + std::fmt::Debug + 'static,
    {
        let input = TensorRef::from_array_view((shape, values))?;
        let outputs = self.session.run_with_options(ort::inputs![input], &self.options)?;
        match outputs[0].dtype() {
            ValueType::Sequence(_) => Ok(answer(&scores_in_maps(&outputs[0])?)),
            _ => Ok(answer(outputs[0].try_extract_tensor::<f32>()?.1)),
        }
    }
}

/// The scores in a list of maps from class to score, which is what a classifier of scikit-learn answers. The classes are in order.
fn scores_in_maps(maps: &DynValue) -> Result<Vec<f32>, Fault> {
    let mut scores = Vec::new();
    for map in maps.try_extract_sequence::<DynMapValueType>()? {
        scores.extend(map.try_extract_key_values::<i64, f32>()?.into_iter().map(|(_class, score)| score));
    }
    Ok(scores)
}

/// The rows of a request, one after another.
pub struct Rows {
    pub values: Vec<f32>,
    pub count: usize,
    pub features: usize,
    /// Whether the request has a list of rows, rather than a bare row.
    pub is_list: bool,
}

impl Rows {
    /// Reads `[5.9,3,5.1,1.8]` or a list of such rows.
    pub fn read(json: &[u8]) -> Result<Self, Fault> {
        if let Ok(values) = serde_json::from_slice::<Vec<f32>>(json) {
            return Ok(Self { count: 1, features: values.len(), is_list: false, values });
        }
        let rows: Vec<Vec<f32>> = serde_json::from_slice(json)?;
        let features = rows.first().ok_or("the list is empty")?.len();
        if rows.iter().any(|row| row.len() != features) {
            return Err("the rows differ in length".into());
        }
        Ok(Self { count: rows.len(), features, is_list: true, values: rows.concat() })
    }
}
