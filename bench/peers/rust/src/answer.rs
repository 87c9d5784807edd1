//! The answer, in Servery's shape.

use serde::Deserialize;

use crate::Fault;

/// How many labels an answer has at most.
const TOP: usize = 5;

/// What the card says about the answer. The names are JSON texts already.
pub struct Labels {
    key: String,
    labels: Vec<String>,
    model: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    name: String,
    version: Option<String>,
    label_key: String,
    labels: Vec<String>,
}

impl Labels {
    pub fn read(card: &[u8]) -> Result<Self, Fault> {
        let card: Card = serde_json::from_slice(card)?;
        let text = |name: &str| serde_json::to_string(name);
        Ok(Self {
            key: text(&card.label_key)?,
            labels: card.labels.iter().map(|label| text(label)).collect::<Result<_, _>>()?,
            model: format!(r#""model":{},"version":{}"#, text(&card.name)?, text(card.version.as_deref().unwrap_or("1"))?),
        })
    }

    /// Writes the answer to one input, or to a list of them.
    pub fn write(&self, scores: &[f32], is_list: bool) -> Vec<u8> {
        let mut text = Vec::with_capacity(scores.len() * 80 + 256);
        if is_list {
            text.extend_from_slice(br#"{"predictions":["#);
            for (at, row) in scores.chunks_exact(self.labels.len()).enumerate() {
                text.extend_from_slice(if at == 0 { b"{" } else { b",{" });
                self.write_fields(&mut text, row);
                text.push(b'}');
            }
            text.push(b']');
        } else {
            text.push(b'{');
            self.write_fields(&mut text, scores);
        }
        text.push(b',');
        text.extend_from_slice(self.model.as_bytes());
        text.push(b'}');
        text
    }

    fn write_fields(&self, text: &mut Vec<u8>, scores: &[f32]) {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        order.truncate(TOP);
        let Some(&first) = order.first() else { return };
        text.extend_from_slice(self.key.as_bytes());
        text.push(b':');
        text.extend_from_slice(self.labels[first].as_bytes());
        text.extend_from_slice(br#","probability":"#);
        write_number(text, scores[first]);
        text.extend_from_slice(br#","index":"#);
        write_number(text, first);
        text.extend_from_slice(br#","top":["#);
        for (at, &index) in order.iter().enumerate() {
            text.extend_from_slice(if at == 0 { br#"{"label":"# } else { br#",{"label":"# });
            text.extend_from_slice(self.labels[index].as_bytes());
            text.extend_from_slice(br#","index":"#);
            write_number(text, index);
            text.extend_from_slice(br#","probability":"#);
            write_number(text, scores[index]);
            text.push(b'}');
        }
        text.push(b']');
    }
}

/// A float32 gets the fewest digits that make the same float32 again.
fn write_number(text: &mut Vec<u8>, number: impl serde::Serialize) {
    serde_json::to_writer(text, &number).expect("a number fits into memory");
}
