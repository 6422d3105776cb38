package events

import "testing"

func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"contact.webinar.registered", "customer.sale.completed", "survey.response.completed"} {
		e := sampleOf(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text, err := e.Encode()
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text)))
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"contact.webinar.registered", "customer.sale.completed"} {
		text, err := sampleOf(b, name).Encode()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Decode(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	data := dataOf(b, sampleOf(b, "contact.webinar.registered"))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Find(data, "contact.email"); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	c, text := Standard(), sample("contact.tag.added")
	for b.Loop() {
		if err := c.Validate(text); err != nil {
			b.Fatal(err)
		}
	}
}
